-- Fills a center with :tickets open tickets, each waiting for its department with all its clocks running: copies of the newest
-- that is dispatched, of many people and of all departments with a contact, of the last thirty days. Nothing of them is due
-- while the century lasts: deadlines_due.sql makes it due.
SET synchronous_commit = off;
SET maintenance_work_mem = '1GB';
CREATE TEMPORARY TABLE model AS SELECT id FROM ticket WHERE status = 'dispatched' ORDER BY created_at DESC LIMIT 1;
CREATE TEMPORARY TABLE copy AS SELECT n, gen_random_uuid() AS id FROM generate_series(1, :tickets) AS n;
CREATE TEMPORARY TABLE person AS SELECT n, gen_random_uuid() AS id FROM generate_series(0, :tickets / 3) AS n;
CREATE TEMPORARY TABLE station AS
SELECT row_number() OVER (ORDER BY code) - 1 AS n, count(*) OVER () AS of, id FROM department WHERE active AND contact_a IS NOT NULL;
ANALYZE copy, person, station;

-- Keys and indexes come back at the end.
CREATE TEMPORARY TABLE dropped AS
SELECT conrelid::regclass::text AS of, conname AS name, pg_get_constraintdef(oid) AS definition
  FROM pg_constraint
 WHERE contype = 'f' AND connamespace = 'huiyin'::regnamespace
   AND conrelid::regclass::text IN ('ticket', 'ticket_deadline', 'ticket_work_order');
CREATE TEMPORARY TABLE dropped_index AS
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
  FROM pg_index
 WHERE NOT indisunique AND indrelid::regclass::text IN ('ticket', 'ticket_deadline', 'ticket_work_order');
DO $$
DECLARE each record;
BEGIN
    FOR each IN SELECT * FROM dropped LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', each.of, each.name); END LOOP;
    FOR each IN SELECT * FROM dropped_index LOOP EXECUTE format('DROP INDEX %s', each.name); END LOOP;
END $$;

INSERT INTO customer (id, kind, name, created_at)
SELECT p.id, 'person', 'Bench ' || p.n, t.created_at FROM person p, ticket t WHERE t.id = (SELECT id FROM model);
INSERT INTO ticket
SELECT made.*
  FROM copy JOIN person ON person.n = copy.n / 3 JOIN station ON station.n = copy.n / 7 % station.of CROSS JOIN ticket t
 CROSS JOIN LATERAL jsonb_populate_record(
       t, jsonb_build_object('id', copy.id, 'number', '990101-' || lpad(copy.n::text, 7, '0'), 'next_step_at', '2099-01-01T00:00:00Z',
                             'customer', person.id, 'lead_department', station.id, 'departments', jsonb_build_array(station.id),
                             'created_at', t.created_at - interval '30 days' * (:tickets - copy.n) / :tickets,
                             'priority', (ARRAY['P1', 'P2', 'P2', 'P3', 'P3', 'P3', 'P3', 'P3', 'P4', 'P4'])[copy.n / 10 % 10 + 1])) AS made
 WHERE t.id = (SELECT id FROM model)
 ORDER BY copy.n;
INSERT INTO ticket_deadline
SELECT made.*
  FROM copy CROSS JOIN ticket_deadline d
 CROSS JOIN LATERAL jsonb_populate_record(
       d, jsonb_build_object('ticket_id', copy.id, 'next_step_at', CASE WHEN d.next_step_at IS NOT NULL THEN '2099-01-01T00:00:00Z' END)) AS made
 WHERE d.ticket_id = (SELECT id FROM model)
 ORDER BY copy.n;
INSERT INTO ticket_work_order
SELECT made.*
  FROM copy JOIN station ON station.n = copy.n / 7 % station.of CROSS JOIN ticket_work_order w
 CROSS JOIN LATERAL jsonb_populate_record(
       w, jsonb_build_object('ticket_id', copy.id, 'id', gen_random_uuid(), 'department', station.id)) AS made
 WHERE w.ticket_id = (SELECT id FROM model)
 ORDER BY copy.n;

DO $$
DECLARE each record;
BEGIN
    FOR each IN SELECT * FROM dropped_index LOOP EXECUTE each.definition; END LOOP;
    FOR each IN SELECT * FROM dropped LOOP EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s NOT VALID', each.of, each.name, each.definition); END LOOP;
END $$;
