-- Multiplies the newest ticket that is open, with its deadlines and its party, :tickets times.
CREATE TEMPORARY TABLE copy AS
SELECT n, gen_random_uuid() AS id FROM generate_series(1, :tickets) AS n;

INSERT INTO ticket
SELECT (jsonb_populate_record(model, jsonb_build_object('id', copy.id, 'number', '990101-' || lpad(copy.n::text, 7, '0')))).*
  FROM copy, (SELECT * FROM ticket WHERE status = 'new' ORDER BY created_at DESC LIMIT 1) AS model;

INSERT INTO ticket_deadline
SELECT (jsonb_populate_record(model, jsonb_build_object('ticket_id', copy.id))).*
  FROM copy, (SELECT * FROM ticket_deadline
               WHERE ticket_id = (SELECT id FROM ticket WHERE number NOT LIKE '990101-%' AND status = 'new'
                                   ORDER BY created_at DESC LIMIT 1)) AS model;

INSERT INTO ticket_party
SELECT copy.id, 'phone', '+8613' || lpad(copy.n::text, 9, '0') FROM copy;

ANALYZE ticket, ticket_deadline, ticket_party;
