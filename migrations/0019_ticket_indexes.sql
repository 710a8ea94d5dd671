-- Every change of an open ticket writes into each index that holds it: those for what is closed hold only that. And a list
-- narrowed to what few open tickets have passes by all the others: the index alone says which.
DROP INDEX ticket_of_departments, ticket_of_handler, ticket_changed, ticket_by_department, ticket_open_of_handler, ticket_open_of_holder,
           ticket_open_nearest;
CREATE INDEX ticket_closed_of_departments ON ticket USING gin (departments) WITH (fastupdate = off) WHERE status IN ('closed', 'archived', 'merged');
CREATE INDEX ticket_closed_of_handler ON ticket (handler, created_at, id) WHERE handler IS NOT NULL AND status IN ('closed', 'archived', 'merged');
CREATE INDEX ticket_closed_changed ON ticket (changed_at, id) WHERE status IN ('closed', 'archived', 'merged');
CREATE INDEX ticket_closed_of_department ON ticket (lead_department, created_at, id) WHERE status = 'closed';
CREATE INDEX ticket_open_of_handler ON ticket (handler, created_at, id)
    WHERE handler IS NOT NULL AND status NOT IN ('closed', 'archived', 'merged');
CREATE INDEX ticket_open_of_holder ON ticket (holder) WHERE holder IS NOT NULL AND status NOT IN ('closed', 'archived', 'merged');
CREATE INDEX ticket_open_nearest ON ticket (COALESCE(nearest_due_at, 'infinity'::timestamptz), id)
    INCLUDE (nearest_due_at, status, marks, category, priority, channel, lead_department, holder, handler, departments)
    WHERE status NOT IN ('closed', 'archived', 'merged');
