-- The journal: what happened, in which order, sealed; and the words it names, which can be erased.

-- A duty is work that one node does at a time; its fence rises each time it changes hands.
CREATE TABLE duty_lease (
    name  text PRIMARY KEY,
    fence bigint NOT NULL
);

-- xid is the transaction that appended the row. Only the sequencer reads it, and every seal covers it: a logical restore
-- therefore keeps it and moves the new cluster's transaction counter past it (src/journal/README.md).
CREATE TABLE event (
    seq             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid             xid8 NOT NULL DEFAULT pg_current_xact_id(),
    id              uuid NOT NULL CONSTRAINT event_id_once UNIQUE,
    at              timestamptz NOT NULL CONSTRAINT event_at_finite CHECK (isfinite(at)),
    recorded_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind            text NOT NULL CONSTRAINT event_kind_named CHECK (length(kind) BETWEEN 1 AND 100),
    subject         uuid NOT NULL,
    subject_version bigint NOT NULL,
    actor_kind      text NOT NULL
        CONSTRAINT event_actor_known CHECK (actor_kind IN ('anonymous', 'customer', 'user', 'token', 'system')),
    actor           uuid NOT NULL, -- nil for system and anonymous
    departments     uuid[] NOT NULL,
    assignee        uuid,
    confidential    boolean NOT NULL,
    data            jsonb NOT NULL CONSTRAINT event_data_object CHECK (jsonb_typeof(data) = 'object')
);
CREATE INDEX event_feed ON event (xid, seq);
CREATE INDEX event_of_subject ON event (subject, seq);
CREATE INDEX event_erasures ON event USING gin ((data -> 'texts')) WHERE kind = 'text_erased';

-- The feed: every event gets the next position once no event can appear before it any more. No foreign key: it would lock
-- and rewrite every event row, and verification finds a position without an event.
CREATE TABLE event_pos (
    pos bigint PRIMARY KEY CHECK (pos > 0),
    seq bigint NOT NULL CONSTRAINT event_pos_once UNIQUE
);

CREATE TABLE seal (
    number    bigint PRIMARY KEY CHECK (number > 0),
    first_pos bigint NOT NULL,
    last_pos  bigint NOT NULL UNIQUE,
    mac       bytea NOT NULL CHECK (octet_length(mac) = 32),
    CHECK (first_pos > 0 AND last_pos >= first_pos)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation', CONSTRAINT = 'append_only';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_pos FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON seal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Words of people. Events name them by id and SHA-256(salt || body). An erased text keeps its id and loses salt and body;
-- erased_at and erased_by repeat the event text_erased that names it.
CREATE TABLE text (
    id          uuid PRIMARY KEY,
    customer_id uuid, -- moves when customers are merged, so no seal covers it
    salt        bytea CHECK (octet_length(salt) >= 16),
    body        text,
    erased_at   timestamptz,
    erased_by   uuid,
    CONSTRAINT text_whole_or_erased CHECK (
        num_nonnulls(salt, body) = 2 AND num_nonnulls(erased_at, erased_by) = 0 OR
        num_nonnulls(salt, body) = 0 AND num_nonnulls(erased_at, erased_by) = 2)
) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0); -- erased words leave the file soon
CREATE INDEX text_of_customer ON text (customer_id) WHERE customer_id IS NOT NULL;
