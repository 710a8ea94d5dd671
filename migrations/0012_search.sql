-- What a search looks at, and the indexes of lists on a million tickets.

-- One row per ticket and per customer, made by the duty record.search from what the journal says has changed; the words
-- are cut in src/record/search_document.cpp. What a reader may see is asked of the ticket itself, never of this copy.
CREATE TABLE search_document (
    id           uuid PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('ticket', 'customer')),
    -- The ticket's or customer's beginning: results come newest first.
    at           timestamptz NOT NULL,
    -- As it was when the words were cut: then they keep who reported apart.
    confidential boolean NOT NULL,
    tokens       tsvector NOT NULL
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
-- The planner's statistics would quote people's words, and it needs none.
ALTER TABLE search_document ALTER COLUMN tokens SET STATISTICS 0;
CREATE INDEX search_document_newest ON search_document (kind, at);
-- Written in the background, so nobody waits for it; a pending list would be read by every search.
CREATE INDEX search_document_tokens ON search_document USING gin (tokens) WITH (fastupdate = off);

-- Up to which position of the feed changes have been noted in search_todo.
CREATE TABLE search_cursor (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    pos  bigint NOT NULL CHECK (pos >= 0)
);
INSERT INTO search_cursor (pos) SELECT COALESCE(max(pos), 0) FROM event_pos;

-- Whose words have to be cut anew, in order; a row leaves in the transaction that has done it.
CREATE TABLE search_todo (
    seq  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id   uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('ticket', 'customer'))
) WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0.1);
INSERT INTO search_todo (id, kind) SELECT id, 'customer' FROM customer ORDER BY created_at DESC;
INSERT INTO search_todo (id, kind) SELECT id, 'ticket' FROM ticket ORDER BY created_at DESC;

-- Lists, newest first: of what is open, which is little; of what is closed; a handler's own; what is due; a department's,
-- whatever its part was. ticket_by_status (0005) could order one status only.
DROP INDEX ticket_by_status;
CREATE INDEX ticket_open_newest ON ticket (created_at, id) WHERE status NOT IN ('closed', 'archived', 'merged');
CREATE INDEX ticket_closed_newest ON ticket (created_at, id) WHERE status = 'closed';
CREATE INDEX ticket_archived_newest ON ticket (created_at, id) WHERE status = 'archived';
CREATE INDEX ticket_open_due ON ticket (due_at) WHERE status NOT IN ('closed', 'archived', 'merged');
CREATE INDEX ticket_open_of_handler ON ticket (handler, created_at, id) WHERE status NOT IN ('closed', 'archived', 'merged');
CREATE INDEX ticket_of_handler ON ticket (handler, created_at, id) WHERE handler IS NOT NULL;
CREATE INDEX ticket_open_of_departments ON ticket USING gin (departments) WITH (fastupdate = off)
    WHERE status NOT IN ('closed', 'archived', 'merged');
CREATE INDEX ticket_of_departments ON ticket USING gin (departments) WITH (fastupdate = off);
