-- Who turned to us, and everything that was said: customers, what they are known by, contacts, entries, attachments.
-- Words are in text (0001) and can be erased; the rows here stay.

CREATE TABLE customer (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('person', 'organisation')),
    name        text NOT NULL CHECK (char_length(name) <= 200),
    merged_into uuid CONSTRAINT customer_merged_into_fkey REFERENCES customer,
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL,
    erased_at   timestamptz,
    CONSTRAINT customer_not_merged_into_itself CHECK (merged_into <> id),
    CONSTRAINT customer_erased_has_no_name CHECK (erased_at IS NULL OR name = '')
) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0); -- what is erased leaves the file soon

-- What a customer is found by. `claimed`: typed by somebody, proved by nobody.
CREATE TABLE identity (
    id          uuid PRIMARY KEY,
    customer_id uuid NOT NULL CONSTRAINT identity_customer_fkey REFERENCES customer,
    kind        text NOT NULL CHECK (kind IN ('phone', 'email', 'visitor', 'account', 'chat')),
    -- Normalised: record/identity.hpp says how.
    value       text NOT NULL CHECK (char_length(value) BETWEEN 1 AND 320),
    state       text NOT NULL CHECK (state IN ('verified', 'claimed')),
    created_at  timestamptz NOT NULL,
    CONSTRAINT identity_key UNIQUE (kind, value)
) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);
CREATE INDEX identity_customer ON identity (customer_id);

-- One contact, or one conversation that goes on: at most one is open per customer, channel and account.
CREATE TABLE interaction (
    id          uuid PRIMARY KEY,
    customer_id uuid NOT NULL CONSTRAINT interaction_customer_fkey REFERENCES customer,
    channel     text NOT NULL CHECK (channel ~ '^[a-z][a-z0-9_]{0,31}$'),
    account     text NOT NULL CHECK (char_length(account) BETWEEN 1 AND 200),
    direction   text NOT NULL CHECK (direction IN ('in', 'out')),
    state       text NOT NULL CHECK (state IN ('open', 'closed')),
    opened_at   timestamptz NOT NULL,
    closed_at   timestamptz,
    agent_id    uuid,
    version     bigint NOT NULL DEFAULT 1,
    CONSTRAINT interaction_closed_has_a_time CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
CREATE UNIQUE INDEX interaction_one_open ON interaction (customer_id, channel, account) WHERE state = 'open';
CREATE INDEX interaction_customer ON interaction (customer_id, opened_at);

CREATE TABLE entry (
    id             uuid PRIMARY KEY,
    interaction_id uuid NOT NULL CONSTRAINT entry_interaction_fkey REFERENCES interaction,
    -- The interaction's, repeated for the timeline's index.
    customer_id    uuid NOT NULL CONSTRAINT entry_customer_fkey REFERENCES customer,
    at             timestamptz NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('message', 'act', 'call', 'recording', 'survey', 'note')),
    direction      text NOT NULL CHECK (direction IN ('in', 'out', 'none')),
    author_kind    text NOT NULL CHECK (author_kind IN ('anonymous', 'customer', 'user', 'token', 'system')),
    author         uuid,
    -- How far it is sure that the customer said it; empty for what the house wrote.
    proof          text NOT NULL CHECK (proof IN ('', 'none', 'link_token', 'authenticated_mail', 'trunk_caller', 'log_in',
                                                  'api_token')),
    text_id        uuid CONSTRAINT entry_text_fkey REFERENCES text,
    -- What else a form asked, as a JSON object of words.
    fields_id      uuid CONSTRAINT entry_fields_fkey REFERENCES text,
    internal       boolean NOT NULL,
    ticket_id      uuid
);
CREATE INDEX entry_timeline ON entry (customer_id, at DESC, id DESC);
CREATE INDEX entry_interaction ON entry (interaction_id, at, id);
CREATE INDEX entry_ticket ON entry (ticket_id, at, id) WHERE ticket_id IS NOT NULL;

-- Written before the transaction that accepts it, and unreachable until that sets entry_id.
CREATE TABLE attachment (
    id           uuid PRIMARY KEY,
    entry_id     uuid CONSTRAINT attachment_entry_fkey REFERENCES entry,
    name         text NOT NULL CHECK (char_length(name) <= 255),
    content_type text NOT NULL CHECK (char_length(content_type) <= 255),
    size         bigint NOT NULL CHECK (size >= 0),
    sha256       bytea NOT NULL CHECK (octet_length(sha256) = 32),
    created_at   timestamptz NOT NULL,
    -- A parked contact that will need it: then it is no orphan.
    held_by      uuid
) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);
CREATE INDEX attachment_entry ON attachment (entry_id) WHERE entry_id IS NOT NULL;
CREATE INDEX attachment_orphan ON attachment (created_at, id) WHERE entry_id IS NULL AND held_by IS NULL;
CREATE INDEX attachment_held ON attachment (held_by) WHERE held_by IS NOT NULL;

-- 256 KiB each, the last one shorter.
CREATE TABLE attachment_chunk (
    attachment_id uuid NOT NULL CONSTRAINT attachment_chunk_attachment_fkey REFERENCES attachment ON DELETE CASCADE,
    n             integer NOT NULL CHECK (n >= 0),
    bytes         bytea NOT NULL CHECK (octet_length(bytes) BETWEEN 1 AND 262144),
    PRIMARY KEY (attachment_id, n)
) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0,
        toast.autovacuum_vacuum_threshold = 0, toast.autovacuum_vacuum_scale_factor = 0);
ALTER TABLE attachment_chunk ALTER COLUMN bytes SET STORAGE EXTERNAL;
