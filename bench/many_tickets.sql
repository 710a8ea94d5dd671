-- Multiplies the newest ticket that is open, with its deadlines and a party, :tickets times.
CREATE TEMPORARY TABLE model AS SELECT id FROM ticket WHERE status = 'new' ORDER BY created_at DESC LIMIT 1;
CREATE TEMPORARY TABLE copy AS SELECT n, gen_random_uuid() AS id FROM generate_series(1, :tickets) AS n;

INSERT INTO ticket
SELECT made.*
  FROM copy CROSS JOIN ticket t
 CROSS JOIN LATERAL jsonb_populate_record(
       t, jsonb_build_object('id', copy.id, 'number', '990101-' || lpad(copy.n::text, 7, '0'))) AS made
 WHERE t.id = (SELECT id FROM model);

INSERT INTO ticket_deadline
SELECT made.*
  FROM copy CROSS JOIN ticket_deadline d
 CROSS JOIN LATERAL jsonb_populate_record(d, jsonb_build_object('ticket_id', copy.id)) AS made
 WHERE d.ticket_id = (SELECT id FROM model);

INSERT INTO ticket_party SELECT copy.id, 'phone', '+8613' || lpad(copy.n::text, 9, '0') FROM copy;

ANALYZE ticket, ticket_deadline, ticket_party;
