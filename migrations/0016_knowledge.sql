-- What the house knows and answers: articles, canonical answers, notices to the front line; and replies kept to be sent
-- again. The words of an edition are one JSON object by language in `text`, so the journal proves them.

CREATE TABLE knowledge_item (
    id         uuid PRIMARY KEY,
    kind       text NOT NULL CHECK (kind IN ('article', 'canonical_answer', 'notice')),
    version    bigint NOT NULL, -- of this row and all its editions
    latest     integer NOT NULL CHECK (latest > 0),
    published  integer CHECK (published <= latest), -- the edition that readers see
    created_at timestamptz NOT NULL,
    created_by uuid NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by uuid NOT NULL
);

CREATE TABLE knowledge_edition (
    item_id          uuid NOT NULL CONSTRAINT knowledge_edition_item_fkey REFERENCES knowledge_item,
    n                integer NOT NULL CHECK (n > 0),
    state            text NOT NULL CHECK (state IN ('draft', 'review', 'published', 'superseded', 'withdrawn')),
    words_id         uuid NOT NULL CONSTRAINT knowledge_edition_words_fkey REFERENCES text,
    categories       text[] NOT NULL, -- empty: of every category
    -- Whom a notice is for; both empty: everybody.
    roles            text[] NOT NULL,
    departments      uuid[] NOT NULL,
    must_acknowledge boolean NOT NULL,
    effective_from   timestamptz,
    effective_until  timestamptz,
    author           uuid NOT NULL,
    written_at       timestamptz NOT NULL,
    submitted_at     timestamptz,
    reviewer         uuid,
    reviewed_at      timestamptz,
    comment_id       uuid CONSTRAINT knowledge_edition_comment_fkey REFERENCES text, -- why it was sent back
    tokens           tsvector NOT NULL,
    PRIMARY KEY (item_id, n),
    CONSTRAINT knowledge_edition_time CHECK (effective_from < effective_until),
    CONSTRAINT knowledge_edition_reviewed CHECK (num_nonnulls(reviewer, reviewed_at) IN (0, 2)),
    CONSTRAINT knowledge_edition_four_eyes CHECK (state NOT IN ('published', 'superseded') OR reviewer IS NOT NULL AND reviewer <> author)
);
ALTER TABLE knowledge_edition ALTER COLUMN tokens SET STATISTICS 0;
CREATE UNIQUE INDEX knowledge_edition_one_published ON knowledge_edition (item_id) WHERE state = 'published';
CREATE INDEX knowledge_edition_newest ON knowledge_edition (written_at, item_id);
CREATE INDEX knowledge_edition_tokens ON knowledge_edition USING gin (tokens) WITH (fastupdate = off);
CREATE INDEX knowledge_edition_of_category ON knowledge_edition USING gin (categories) WHERE state = 'published';

-- Who has read which edition, and who has said that he will go by it.
CREATE TABLE knowledge_receipt (
    item_id         uuid NOT NULL,
    n               integer NOT NULL,
    user_id         uuid NOT NULL CONSTRAINT knowledge_receipt_user_fkey REFERENCES user_account,
    read_at         timestamptz NOT NULL,
    acknowledged_at timestamptz,
    PRIMARY KEY (item_id, n, user_id),
    CONSTRAINT knowledge_receipt_edition_fkey FOREIGN KEY (item_id, n) REFERENCES knowledge_edition
);

CREATE TABLE canned_reply (
    id         uuid PRIMARY KEY,
    owner      uuid NOT NULL CONSTRAINT canned_reply_owner_fkey REFERENCES user_account,
    shared     text NOT NULL CHECK (shared IN ('private', 'department', 'all')),
    department uuid CONSTRAINT canned_reply_department_fkey REFERENCES department,
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    body       text NOT NULL CHECK (length(body) BETWEEN 1 AND 4000),
    categories text[] NOT NULL, -- empty: offered for every category
    version    bigint NOT NULL DEFAULT 1,
    changed_at timestamptz NOT NULL,
    CONSTRAINT canned_reply_of_a_department CHECK ((shared = 'department') = (department IS NOT NULL))
);
CREATE INDEX canned_reply_of_owner ON canned_reply (owner);
CREATE INDEX canned_reply_of_department ON canned_reply (department) WHERE shared = 'department';
CREATE INDEX canned_reply_for_all ON canned_reply (name) WHERE shared = 'all';
