-- The organisation's rules as data. Every applied configuration is one immutable document, so a ticket can name the
-- version it was promised under.

CREATE TABLE pack (
    version    integer PRIMARY KEY CHECK (version > 0),
    applied_at timestamptz NOT NULL,
    name       text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
    -- SHA-256 of the document with sorted keys and without white space.
    digest     bytea NOT NULL CHECK (octet_length(digest) = 32),
    document   jsonb NOT NULL CHECK (jsonb_typeof(document) = 'object')
);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pack
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE calendar_year (
    calendar  text NOT NULL CHECK (calendar ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
    year      integer NOT NULL CHECK (year BETWEEN 1970 AND 9999),
    document  jsonb NOT NULL CHECK (jsonb_typeof(document) = 'object'),
    loaded_at timestamptz NOT NULL,
    version   bigint NOT NULL,
    PRIMARY KEY (calendar, year)
);
