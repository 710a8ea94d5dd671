-- Of each ten tickets of deadlines.sql the :nth gets a customer's date, with its steps but the breach taken: due from :at on,
-- evenly over :seconds, at most :due of them.
SET synchronous_commit = off;
CREATE TEMPORARY TABLE chosen AS
SELECT id, :'at'::timestamptz + make_interval(secs => :seconds * (row_number() OVER (ORDER BY md5(number)) - 1) / (:due)::double precision) AS at
  FROM (SELECT id, number FROM ticket WHERE number LIKE '990101-%' AND right(number, 1) = :'nth' ORDER BY number LIMIT :due) AS picked;
UPDATE ticket t SET next_step_at = c.at, due_at = c.at FROM chosen c WHERE t.id = c.id;
UPDATE ticket_deadline d SET due_at = c.at, next_step = 2, next_step_at = c.at
  FROM chosen c WHERE d.ticket_id = c.id AND d.kind = 'resolve' AND d.state = 'running';
SELECT count(*) FROM chosen;
