-- The one door: what was taken in, once and for ever; what could not be understood; what waits for an existing ticket.

-- A ticket's number is its day and a serial: nextval − base. The row is written once, by the day's first.
CREATE TABLE ticket_day (
    day  date PRIMARY KEY,
    base bigint NOT NULL
);
CREATE SEQUENCE ticket_serial;

-- Every input that was ever acknowledged; never removed.
CREATE TABLE receipt (
    id          uuid PRIMARY KEY,
    account     text NOT NULL CHECK (char_length(account) BETWEEN 1 AND 200),
    external_id text NOT NULL CHECK (char_length(external_id) BETWEEN 1 AND 200),
    at          timestamptz NOT NULL,
    outcome     text NOT NULL CHECK (outcome IN ('visible', 'parked')),
    -- How often the same input came again.
    repeats     bigint NOT NULL DEFAULT 0 CHECK (repeats >= 0),
    entry_id    uuid CONSTRAINT receipt_entry_fkey REFERENCES entry,
    ticket_id   uuid CONSTRAINT receipt_ticket_fkey REFERENCES ticket,
    -- Answers are rendered from it.
    event_id    uuid NOT NULL,
    CONSTRAINT receipt_key UNIQUE (account, external_id),
    CONSTRAINT receipt_visible_has_an_entry CHECK ((outcome = 'visible') = (entry_id IS NOT NULL))
);

-- Kept raw until somebody retries it with success; then the record has the words.
CREATE TABLE parked (
    id            uuid PRIMARY KEY,
    receipt_id    uuid NOT NULL CONSTRAINT parked_receipt_fkey REFERENCES receipt CONSTRAINT parked_receipt_key UNIQUE,
    -- A code: unreadable:charset, data_rejected:22021, constraint_violated:…
    reason        text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 200),
    -- The contact as the adapter made it (CBOR), and what the channel took in.
    contact       bytea,
    raw           bytea,
    -- Lock keys of the identities it names, so that erasing a person finds it.
    identity_keys bigint[] NOT NULL,
    at            timestamptz NOT NULL,
    retries       integer NOT NULL DEFAULT 0,
    resolved_at   timestamptz,
    CONSTRAINT parked_keeps_its_contact CHECK (resolved_at IS NOT NULL OR contact IS NOT NULL)
) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0,
        toast.autovacuum_vacuum_threshold = 0, toast.autovacuum_vacuum_scale_factor = 0);
CREATE INDEX parked_identities ON parked USING gin (identity_keys) WHERE resolved_at IS NULL;
CREATE INDEX parked_waiting ON parked (at, id) WHERE resolved_at IS NULL;

-- What touches an existing ticket: committed with the contact, applied right afterwards under the ticket's lock.
CREATE TABLE ticket_inbox (
    id             uuid PRIMARY KEY,
    ticket_id      uuid NOT NULL CONSTRAINT ticket_inbox_ticket_fkey REFERENCES ticket,
    interaction_id uuid NOT NULL CONSTRAINT ticket_inbox_interaction_fkey REFERENCES interaction,
    entry_id       uuid NOT NULL CONSTRAINT ticket_inbox_entry_fkey REFERENCES entry,
    customer_id    uuid NOT NULL,
    act            text NOT NULL CHECK (act IN ('message', 'urge', 'added_word', 'verdict', 'dispute', 'reopen', 'withdrawal')),
    at             timestamptz NOT NULL,
    applied_at     timestamptz,
    -- applied, or the slug of why the ticket refused it: the entry stays either way.
    outcome        text,
    CONSTRAINT ticket_inbox_applied_has_an_outcome CHECK ((applied_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX ticket_inbox_waiting ON ticket_inbox (at, id) WHERE applied_at IS NULL;
CREATE INDEX ticket_inbox_ticket ON ticket_inbox (ticket_id, at);

-- Idempotency keys of actions; they live a day.
CREATE TABLE request (
    principal   text NOT NULL CHECK (char_length(principal) BETWEEN 1 AND 200),
    key         text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 128),
    body_sha256 bytea NOT NULL CHECK (octet_length(body_sha256) = 32),
    event_id    uuid NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (principal, key)
);
CREATE INDEX request_at ON request (at);

-- Promise 1, per account: received = visible + parked + repeats. Each is counted where it lives, so a receipt without its
-- entry, or a parked one whose raw input is gone, shows as a difference.
CREATE VIEW account_ledger AS
SELECT r.account,
       (count(*) + sum(r.repeats))::bigint AS received,
       count(e.id) AS visible,
       count(p.id) FILTER (WHERE r.outcome = 'parked') AS parked,
       sum(r.repeats)::bigint AS repeats
  FROM receipt r
  LEFT JOIN entry e ON e.id = r.entry_id
  LEFT JOIN parked p ON p.receipt_id = r.id
 GROUP BY r.account;
