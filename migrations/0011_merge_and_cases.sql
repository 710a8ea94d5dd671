-- Customers that turned out to be one, and what solved cases leave to the house: archive copies, case library, problems.

CREATE TABLE customer_merge (
    id        uuid PRIMARY KEY,
    source    uuid NOT NULL CONSTRAINT customer_merge_source_fkey REFERENCES customer,
    target    uuid NOT NULL CONSTRAINT customer_merge_target_fkey REFERENCES customer,
    merged_at timestamptz NOT NULL,
    merged_by uuid NOT NULL,
    -- The source's name: words that the target owns while the merge stands.
    name_id   uuid CONSTRAINT customer_merge_name_fkey REFERENCES text,
    -- The target had no name and took this one.
    gave_name boolean NOT NULL,
    undone_at timestamptz,
    undone_by uuid,
    CONSTRAINT customer_merge_of_two CHECK (source <> target),
    CONSTRAINT customer_merge_undone_by_somebody CHECK ((undone_at IS NULL) = (undone_by IS NULL))
);
CREATE UNIQUE INDEX customer_merge_one_stands ON customer_merge (source) WHERE undone_at IS NULL;
CREATE INDEX customer_merge_of_target ON customer_merge (target);
CREATE INDEX customer_stub ON customer (merged_into) WHERE merged_into IS NOT NULL;

-- What moved, so that exactly this can move back. `conversation`: an interaction that the merge closed.
CREATE TABLE customer_merge_item (
    merge_id uuid NOT NULL CONSTRAINT customer_merge_item_merge_fkey REFERENCES customer_merge,
    kind     text NOT NULL CHECK (kind IN ('identity', 'interaction', 'conversation', 'text', 'ticket')),
    id       uuid NOT NULL,
    PRIMARY KEY (merge_id, kind, id)
);

-- Made by the transaction that archives a ticket: the complaint desk's copy and the department's. Words are named by text
-- id and digest, so erasing them changes no row here.
CREATE TABLE archive_copy (
    ticket_id  uuid NOT NULL CONSTRAINT archive_copy_ticket_fkey REFERENCES ticket,
    holder     text NOT NULL CHECK (holder IN ('desk', 'department')),
    department uuid CONSTRAINT archive_copy_department_fkey REFERENCES department,
    at         timestamptz NOT NULL,
    content    jsonb NOT NULL CHECK (jsonb_typeof(content) = 'object'),
    PRIMARY KEY (ticket_id, holder),
    CONSTRAINT archive_copy_of_a_department CHECK ((holder = 'department') = (department IS NOT NULL))
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON archive_copy FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A solved case for everybody to learn from: codes, figures, and words that somebody of the house wrote for this purpose.
-- Those words belong to nobody's record: text.customer_id is the case's own id.
CREATE TABLE case_record (
    id              uuid PRIMARY KEY,
    ticket_id       uuid NOT NULL CONSTRAINT case_record_ticket_fkey REFERENCES ticket CONSTRAINT case_record_of_ticket UNIQUE,
    version         bigint NOT NULL,
    category        text NOT NULL,
    root_cause      text NOT NULL,
    solution_kind   text NOT NULL, -- '' where the desk answered without one
    closure         text NOT NULL,
    satisfaction    text NOT NULL,
    score_result    smallint,
    rework_cycle    integer NOT NULL,
    -- Microseconds of clock time until the closing, and who held it meanwhile.
    total_time      bigint NOT NULL CHECK (total_time >= 0),
    desk_time       bigint NOT NULL CHECK (desk_time >= 0),
    department_time bigint NOT NULL CHECK (department_time >= 0),
    title_id        uuid NOT NULL CONSTRAINT case_record_title_fkey REFERENCES text,
    words_id        uuid NOT NULL CONSTRAINT case_record_words_fkey REFERENCES text,
    published_at    timestamptz NOT NULL,
    published_by    uuid NOT NULL,
    withdrawn_at    timestamptz -- its words are erased then
);
CREATE INDEX case_record_newest ON case_record (published_at, id) WHERE withdrawn_at IS NULL;
CREATE INDEX case_record_of_category ON case_record (category, published_at, id) WHERE withdrawn_at IS NULL;

-- A cause behind several tickets. As with a case, its words belong to its own id.
CREATE TABLE problem (
    id          uuid PRIMARY KEY,
    version     bigint NOT NULL,
    state       text NOT NULL CHECK (state IN ('open', 'corrective_action', 'closed')),
    title_id    uuid NOT NULL CONSTRAINT problem_title_fkey REFERENCES text,
    root_cause  text NOT NULL,
    category    text NOT NULL,
    department  uuid CONSTRAINT problem_department_fkey REFERENCES department,
    action_id   uuid CONSTRAINT problem_action_fkey REFERENCES text,
    action_done boolean NOT NULL,
    due_at      timestamptz,
    created_at  timestamptz NOT NULL,
    created_by  uuid NOT NULL,
    changed_at  timestamptz NOT NULL,
    changed_by  uuid NOT NULL,
    closed_at   timestamptz,
    CONSTRAINT problem_in_action_has_a_plan CHECK (state = 'open' OR num_nonnulls(action_id, department, due_at) = 3),
    CONSTRAINT problem_closed_when_done CHECK (state <> 'closed' OR action_done),
    CONSTRAINT problem_closed_has_a_time CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
CREATE INDEX problem_newest ON problem (created_at, id);
CREATE INDEX problem_of_department ON problem (department, created_at, id);

CREATE TABLE problem_ticket (
    problem_id uuid NOT NULL CONSTRAINT problem_ticket_problem_fkey REFERENCES problem,
    ticket_id  uuid NOT NULL CONSTRAINT problem_ticket_ticket_fkey REFERENCES ticket,
    linked_at  timestamptz NOT NULL,
    linked_by  uuid NOT NULL,
    PRIMARY KEY (problem_id, ticket_id)
);
CREATE INDEX problem_of_ticket ON problem_ticket (ticket_id);
