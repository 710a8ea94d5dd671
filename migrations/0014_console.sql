-- What the console lists, counts and keeps for each of its users.

-- Derived by src/ticket/list_columns.cpp, for lists and counts: the due instant of the clock that runs out first, the person
-- whose turn it is, and bits for what a list can be narrowed to (ticket/list_mark.hpp).
ALTER TABLE ticket
    ADD COLUMN nearest_due_at timestamptz,
    ADD COLUMN holder         uuid,
    ADD COLUMN marks          integer NOT NULL DEFAULT 0;
UPDATE ticket t SET
    nearest_due_at = (
        SELECT min(d.due_at) FROM ticket_deadline d
         WHERE d.ticket_id = t.id AND d.state = 'running' AND d.kind NOT IN ('return_window', 'hold_max', 'archive', 'fallback')
           AND (t.status <> 'reply_review' OR d.kind NOT IN ('resolve', 'rework'))),
    holder = CASE
        WHEN status = 'dispatched' THEN (
            SELECT o.assignee FROM ticket_work_order o WHERE o.ticket_id = t.id AND o.kind = 'lead' ORDER BY o.n DESC LIMIT 1)
        WHEN status IN ('investigating', 'executing', 'promised', 'on_hold') THEN handler
        WHEN status IN ('withdrawn', 'callback_pending') THEN callback_agent END,
    marks = CASE WHEN EXISTS (SELECT FROM ticket_promise p
                               WHERE p.ticket_id = t.id AND p.fulfilled_at IS NULL AND p.released_at IS NULL) THEN 1 ELSE 0 END
          + CASE WHEN status = 'triage' AND return_count > 0 OR pending_return IS NOT NULL
                   OR status = 'investigating' AND reply_reject_count > 0 THEN 2 ELSE 0 END
          + CASE WHEN supervised THEN 4 ELSE 0 END
          + CASE WHEN callback_round >= 2 OR rework_cycle > 0 THEN 8 ELSE 0 END
          + CASE WHEN status = 'pending_approval' OR pending_return IS NOT NULL
                   OR final_word IS NOT NULL AND final_word ->> 'agreed_at' IS NULL
                   OR EXISTS (SELECT FROM ticket_hold h WHERE h.ticket_id = t.id AND h.state = 'pending') THEN 16 ELSE 0 END
          + CASE WHEN repeat THEN 32 ELSE 0 END
          + CASE WHEN vip THEN 64 ELSE 0 END
          + CASE WHEN urge_count > 0 THEN 128 ELSE 0 END
          + CASE WHEN promise_breached THEN 256 ELSE 0 END
          + CASE WHEN customer_waiting THEN 512 ELSE 0 END
          + CASE WHEN reopen_count > 0 THEN 1024 ELSE 0 END
          + CASE WHEN extension_pending THEN 2048 ELSE 0 END
          + CASE WHEN sensitive = 'confidential' THEN 4096 ELSE 0 END
          + CASE card WHEN 'yellow' THEN 8192 WHEN 'red' THEN 16384 ELSE 0 END
          + CASE WHEN escalation_level > 0 THEN 32768 ELSE 0 END;

-- Lists by what is due first (no clock that runs: last), by what changed last, and of one person's.
DROP INDEX ticket_open_due;
-- With the column itself, or a count could not do with the index alone.
CREATE INDEX ticket_open_nearest ON ticket (COALESCE(nearest_due_at, 'infinity'::timestamptz), id) INCLUDE (nearest_due_at)
    WHERE status NOT IN ('closed', 'archived', 'merged');
CREATE INDEX ticket_open_nearest_of_department ON ticket (lead_department, COALESCE(nearest_due_at, 'infinity'::timestamptz), id)
    WHERE status NOT IN ('closed', 'archived', 'merged');
CREATE INDEX ticket_open_of_holder ON ticket (holder) WHERE status NOT IN ('closed', 'archived', 'merged');
CREATE INDEX ticket_open_changed ON ticket (changed_at, id) WHERE status NOT IN ('closed', 'archived', 'merged');
CREATE INDEX ticket_changed ON ticket (changed_at, id);
-- The desk of callbacks: what can be called now, then what comes.
CREATE INDEX ticket_callback_due ON ticket (COALESCE(next_callback_at, '-infinity'::timestamptz), id)
    WHERE status IN ('callback_pending', 'withdrawn');
CREATE INDEX ticket_callback_at ON ticket_callback (at, ticket_id, n);

-- How many open tickets there are of each kind, so that a count looks at no ticket. Follows the feed (src/ticket/counter.cpp);
-- counted_ticket is what has been counted of each.
CREATE TABLE counted_ticket (
    id          uuid PRIMARY KEY,
    status      text NOT NULL,
    department  uuid,
    holder      uuid,
    handler     uuid,
    marks       integer NOT NULL,
    departments uuid[] NOT NULL
) WITH (fillfactor = 80);
CREATE TABLE view_count (
    status      text NOT NULL,
    department  uuid,
    holder      uuid,
    handler     uuid,
    marks       integer NOT NULL,
    departments uuid[] NOT NULL,
    tickets     bigint NOT NULL,
    CONSTRAINT view_count_key UNIQUE NULLS NOT DISTINCT (status, department, holder, handler, marks, departments)
) WITH (fillfactor = 70);
CREATE INDEX view_count_none ON view_count (status) WHERE tickets = 0;
CREATE TABLE view_count_cursor (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    pos  bigint NOT NULL CHECK (pos >= 0)
);
INSERT INTO view_count_cursor (pos) SELECT COALESCE(max(pos), 0) FROM event_pos;
INSERT INTO counted_ticket (id, status, department, holder, handler, marks, departments)
SELECT id, status, lead_department, holder, handler, marks & 31, departments FROM ticket
 WHERE status NOT IN ('closed', 'archived', 'merged');
INSERT INTO view_count (status, department, holder, handler, marks, departments, tickets)
SELECT status, department, holder, handler, marks, departments, count(*) FROM counted_ticket GROUP BY 1, 2, 3, 4, 5, 6;

-- A list's filter under a name. The filter is what GET /api/v1/tickets takes.
CREATE TABLE saved_view (
    id         uuid PRIMARY KEY,
    owner      uuid NOT NULL CONSTRAINT saved_view_owner_fkey REFERENCES user_account,
    name       text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    filter     jsonb NOT NULL CHECK (jsonb_typeof(filter) = 'object'),
    shared     text NOT NULL CHECK (shared IN ('private', 'department', 'all')),
    department uuid CONSTRAINT saved_view_department_fkey REFERENCES department,
    version    bigint NOT NULL DEFAULT 1,
    changed_at timestamptz NOT NULL,
    CONSTRAINT saved_view_department_where_shared_with_one CHECK ((shared = 'department') = (department IS NOT NULL))
);
CREATE INDEX saved_view_of_owner ON saved_view (owner, name, id);
CREATE INDEX saved_view_of_department ON saved_view (department, name, id) WHERE shared = 'department';
CREATE INDEX saved_view_of_all ON saved_view (name, id) WHERE shared = 'all';

-- Words that somebody has begun and not yet sent. Nobody else's business, and not in the journal.
CREATE TABLE draft (
    user_id    uuid NOT NULL CONSTRAINT draft_user_fkey REFERENCES user_account,
    key        text NOT NULL CHECK (key ~ '^[a-z0-9:-]{1,100}$'),
    body       text NOT NULL CHECK (octet_length(body) <= 65536),
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX draft_changed ON draft (changed_at);

ALTER TABLE user_account
    ADD COLUMN theme       text NOT NULL DEFAULT 'system' CHECK (theme IN ('light', 'dark', 'system')),
    ADD COLUMN density     text NOT NULL DEFAULT 'comfortable' CHECK (density IN ('comfortable', 'compact')),
    ADD COLUMN single_keys boolean NOT NULL DEFAULT true,
    ADD COLUMN sounds      boolean NOT NULL DEFAULT true;

-- Whether somebody takes work now. Holds while the session in which he said so is neither over nor idle.
CREATE TABLE presence (
    user_id      uuid PRIMARY KEY CONSTRAINT presence_user_fkey REFERENCES user_account,
    state        text NOT NULL CHECK (state IN ('available', 'away', 'busy')),
    since        timestamptz NOT NULL,
    session_id   uuid NOT NULL,
    idle_limit_s integer NOT NULL CHECK (idle_limit_s > 0)
);
-- Those that hold at $1.
CREATE FUNCTION present_at(timestamptz) RETURNS SETOF presence LANGUAGE sql STABLE AS $$
    SELECT p.* FROM presence p JOIN session s ON s.id = p.session_id
     WHERE s.expires_at > $1 AND s.seen_at >= $1 - make_interval(secs => p.idle_limit_s)
$$;
