-- What reports are made of: a projection of the journal, emptied and followed anew at will (src/report); and how the front
-- line rates the departments' replies. No keys to other tables: the projection comes after them.

-- Up to which position of the feed it has come.
CREATE TABLE report_cursor (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    pos  bigint NOT NULL CHECK (pos >= 0)
);
INSERT INTO report_cursor (pos) VALUES (0);

CREATE TABLE report_ticket (
    ticket_id   uuid PRIMARY KEY,
    pos         bigint NOT NULL, -- of the last event of the ticket that is in it
    digest      bytea NOT NULL,  -- of its rows in report_count
    number      text NOT NULL,
    customer    uuid,
    status      text NOT NULL,
    category    text NOT NULL,
    channel     text NOT NULL,
    priority    text NOT NULL,
    department  uuid, -- the one that leads or led
    handler     uuid,
    due_at      timestamptz,
    reported_at timestamptz NOT NULL,
    resolved_at timestamptz, -- first
    reopened_at timestamptz,
    is_open     boolean NOT NULL,
    complaint   boolean NOT NULL,
    merged      boolean NOT NULL,
    imported    boolean NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX report_ticket_open ON report_ticket (reported_at, ticket_id) WHERE is_open;
CREATE INDEX report_ticket_reported ON report_ticket (reported_at);
CREATE INDEX report_ticket_resolved ON report_ticket (resolved_at) WHERE resolved_at IS NOT NULL;
CREATE INDEX report_ticket_reopened ON report_ticket (reopened_at) WHERE reopened_at IS NOT NULL;

-- One row for each thing that counts: huiyin::domain::contribution. A figure is sum(part) / sum(whole) of its rows.
CREATE TABLE report_count (
    subject    uuid NOT NULL, -- the ticket, or the entry of a contact
    n          integer NOT NULL,
    ticket_id  uuid,
    metric     text NOT NULL,
    at         timestamptz NOT NULL,
    part       double precision NOT NULL,
    whole      double precision NOT NULL,
    department uuid,
    person     uuid,
    category   text NOT NULL,
    channel    text NOT NULL,
    priority   text NOT NULL,
    PRIMARY KEY (subject, n)
);
CREATE INDEX report_count_of_metric ON report_count (metric, at, subject, n);

-- How many tickets there are of each kind, so that one statement gives every number of a navigation. Nobody is the nil id,
-- no due time is infinity; due times to the minute in which they pass.
CREATE TABLE ticket_count (
    status     text NOT NULL,
    department uuid NOT NULL,
    handler    uuid NOT NULL,
    due_minute timestamptz NOT NULL,
    tickets    bigint NOT NULL,
    PRIMARY KEY (status, department, handler, due_minute)
) WITH (fillfactor = 70);
CREATE INDEX ticket_count_none ON ticket_count (status) WHERE tickets = 0;

-- The front line as the departments' customer: once per reply and rater.
CREATE TABLE internal_rating (
    id         uuid PRIMARY KEY,
    ticket_id  uuid NOT NULL CONSTRAINT internal_rating_ticket_fkey REFERENCES ticket,
    reply      uuid NOT NULL, -- the text of the reply
    department uuid NOT NULL CONSTRAINT internal_rating_department_fkey REFERENCES department,
    rater      uuid NOT NULL CONSTRAINT internal_rating_rater_fkey REFERENCES user_account,
    score      smallint NOT NULL CHECK (score BETWEEN 1 AND 5),
    at         timestamptz NOT NULL,
    CONSTRAINT internal_rating_once UNIQUE (reply, rater)
);
CREATE INDEX internal_rating_of_ticket ON internal_rating (ticket_id);
