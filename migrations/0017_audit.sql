-- Reading the journal by who did what, and what was found when it was checked last.

CREATE INDEX event_of_actor ON event (actor, seq) WHERE actor_kind IN ('user', 'token');
CREATE INDEX event_of_kind ON event (kind text_pattern_ops, seq);

-- A run of `huiyin verify-journal` behind the console. One at a time: whoever begins one finds none that still beats.
CREATE TABLE journal_check (
    id           uuid PRIMARY KEY,
    started_at   timestamptz NOT NULL,
    started_by   uuid NOT NULL,
    beat_at      timestamptz NOT NULL,
    done_pos     bigint NOT NULL DEFAULT 0,
    of_pos       bigint NOT NULL DEFAULT 0,
    finished_at  timestamptz,
    state        text NOT NULL CHECK (state IN ('running', 'held', 'broken', 'failed')),
    result       jsonb, -- figures and the first faults; ids and numbers, no words
    CONSTRAINT journal_check_ends CHECK ((state = 'running') = (finished_at IS NULL)),
    CONSTRAINT journal_check_tells CHECK ((state IN ('held', 'broken')) = (result IS NOT NULL))
);
CREATE UNIQUE INDEX journal_check_one_runs ON journal_check ((true)) WHERE state = 'running';
CREATE INDEX journal_check_newest ON journal_check (started_at, id);
