-- Tickets and all that hangs on them. The columns are those of domain/ticket.hpp; src/ticket/ticket_rows.cpp lists them once.
-- Words appear as {"text":"<uuid>","sha256":"<hex>"} and live in text (0001). Rows below a ticket are appended and never leave:
-- n counts them from 0.

CREATE TABLE ticket (
    id                     uuid PRIMARY KEY,
    number                 text NOT NULL CONSTRAINT ticket_number_once UNIQUE,
    version                bigint NOT NULL,
    status                 text NOT NULL,
    type                   text NOT NULL,
    priority               text NOT NULL,
    category               text NOT NULL,
    channel                text NOT NULL,
    customer               uuid REFERENCES customer, -- NULL: an import that names nobody
    sensitive              text NOT NULL CHECK (sensitive IN ('ordinary', 'confidential')),
    vip                    boolean NOT NULL,
    repeat                 boolean NOT NULL,
    customer_waiting       boolean NOT NULL,
    imported               boolean NOT NULL,
    problem                jsonb,
    object                 jsonb,
    desired_solution       jsonb,
    occurred_at            timestamptz,
    reported_at            timestamptz NOT NULL,
    created_at             timestamptz NOT NULL,
    changed_at             timestamptz NOT NULL,
    candidate_department   uuid REFERENCES department,
    lead_department        uuid REFERENCES department,
    handler                uuid REFERENCES user_account,
    policy_version         integer NOT NULL,
    validity               text NOT NULL,
    root_cause             text NOT NULL,
    responsible_person     uuid REFERENCES user_account,
    no_responsible_reason  text NOT NULL,
    reply                  jsonb,
    replied_at             timestamptz,
    replied_by             uuid REFERENCES user_account,
    next_callback_at       timestamptz,
    callback_round         integer NOT NULL,
    urge_count             integer NOT NULL,
    last_urged_at          timestamptz,
    supervised             boolean NOT NULL,
    escalation_level       integer NOT NULL,
    card                   text NOT NULL,
    extension_pending      boolean NOT NULL,
    extension_count        integer NOT NULL,
    return_count           integer NOT NULL,
    no_return              boolean NOT NULL,
    ownership_settled      boolean NOT NULL,
    department_changes     integer NOT NULL,
    reply_reject_count     integer NOT NULL,
    rework_cycle           integer NOT NULL,
    reopen_count           integer NOT NULL,
    dispute_count          integer NOT NULL,
    promise_breached       boolean NOT NULL,
    breached               text[] NOT NULL,
    hold_reason            text NOT NULL,
    held_from              text,
    fcr                    boolean NOT NULL,
    closure                text NOT NULL,
    closure_reason         text NOT NULL,
    closed_at              timestamptz,
    archived_at            timestamptz,
    satisfaction           text NOT NULL,
    solved                 text NOT NULL,
    score_result           smallint,
    score_time             smallint,
    score_attitude         smallint,
    merged_into            uuid REFERENCES ticket,
    duplicate_of           uuid REFERENCES ticket,
    suspected_duplicate_of uuid REFERENCES ticket,
    follow_up_of           uuid REFERENCES ticket,
    invalidity             jsonb,
    pending_return            jsonb,
    -- Derived from the rows below, for the scanner and for lists.
    next_step_at           timestamptz,
    due_at                 timestamptz,
    departments            uuid[] NOT NULL,
    CONSTRAINT ticket_closed_has_a_closure CHECK ((status IN ('closed', 'archived', 'withdrawn', 'merged')) = (closure <> 'none') OR status = 'merged'),
    CONSTRAINT ticket_lead_where_it_leads CHECK (lead_department IS NOT NULL OR status NOT IN
        ('dispatched', 'investigating', 'pending_approval', 'executing', 'promised', 'on_hold', 'reply_review')),
    CONSTRAINT ticket_open_has_a_next_step CHECK (next_step_at IS NOT NULL OR status IN ('closed', 'archived', 'withdrawn', 'merged', 'reply_review', 'on_hold'))
) WITH (fillfactor = 80);
CREATE INDEX ticket_due ON ticket (next_step_at) WHERE next_step_at IS NOT NULL;
CREATE INDEX ticket_of_customer ON ticket (customer, created_at);
CREATE INDEX ticket_newest ON ticket (created_at, id);
CREATE INDEX ticket_by_status ON ticket (status, created_at, id) WHERE status NOT IN ('archived', 'merged');
CREATE INDEX ticket_by_department ON ticket (lead_department, created_at, id) WHERE status NOT IN ('archived', 'merged');

CREATE TABLE ticket_work_order (
    ticket_id   uuid NOT NULL REFERENCES ticket,
    n           integer NOT NULL,
    id          uuid NOT NULL CONSTRAINT work_order_id_once UNIQUE,
    department  uuid NOT NULL REFERENCES department,
    kind        text NOT NULL,
    state       text NOT NULL,
    contact_a   uuid,
    contact_b   uuid,
    assignee    uuid,
    handler     uuid,
    opened_at   timestamptz NOT NULL,
    accepted_at timestamptz,
    ended_at    timestamptz,
    due_at      timestamptz,
    PRIMARY KEY (ticket_id, n)
);
CREATE INDEX work_order_of_department ON ticket_work_order (department, opened_at);

CREATE TABLE ticket_solution (
    ticket_id        uuid NOT NULL REFERENCES ticket,
    n                integer NOT NULL,
    id               uuid NOT NULL CONSTRAINT solution_id_once UNIQUE,
    solution_version integer NOT NULL,
    cycle            integer NOT NULL,
    kind             text NOT NULL,
    state            text NOT NULL,
    words            jsonb NOT NULL,
    fingerprint      text NOT NULL,
    cost_cents       bigint NOT NULL CHECK (cost_cents >= 0),
    proposed_by      uuid NOT NULL,
    proposed_at      timestamptz NOT NULL,
    reason           text NOT NULL,
    promised_due_at  timestamptz,
    interim          jsonb,
    PRIMARY KEY (ticket_id, n)
);

CREATE TABLE ticket_approval (
    ticket_id  uuid NOT NULL REFERENCES ticket,
    n          integer NOT NULL,
    solution   uuid NOT NULL,
    decided_by uuid NOT NULL,
    at         timestamptz NOT NULL,
    approved   boolean NOT NULL,
    level      integer NOT NULL,
    comment    jsonb,
    PRIMARY KEY (ticket_id, n)
);

CREATE TABLE ticket_promise (
    ticket_id    uuid NOT NULL REFERENCES ticket,
    n            integer NOT NULL,
    id           uuid NOT NULL CONSTRAINT promise_id_once UNIQUE,
    solution     uuid NOT NULL,
    made_at      timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    fulfilled_at timestamptz,
    breached     boolean NOT NULL,
    PRIMARY KEY (ticket_id, n)
);

CREATE TABLE ticket_callback (
    ticket_id      uuid NOT NULL REFERENCES ticket,
    n              integer NOT NULL,
    id             uuid NOT NULL CONSTRAINT callback_id_once UNIQUE,
    round          integer NOT NULL,
    number         integer NOT NULL,
    at             timestamptz NOT NULL,
    caller         uuid,
    outcome        text NOT NULL,
    day_part       integer NOT NULL,
    wished_at      timestamptz,
    solved         text,
    score_result   smallint,
    score_time     smallint,
    score_attitude smallint,
    verdict        text NOT NULL,
    reason         text NOT NULL,
    disputed       boolean NOT NULL,
    PRIMARY KEY (ticket_id, n)
);

CREATE TABLE ticket_judgement (
    ticket_id   uuid NOT NULL REFERENCES ticket,
    n           integer NOT NULL,
    validity    text NOT NULL,
    at          timestamptz NOT NULL,
    judged_by   uuid NOT NULL,
    proposed_by uuid,
    reason      text NOT NULL,
    words       jsonb,
    evidence    integer NOT NULL,
    PRIMARY KEY (ticket_id, n)
);

CREATE TABLE ticket_deadline (
    ticket_id       uuid NOT NULL REFERENCES ticket,
    n               integer NOT NULL,
    kind            text NOT NULL,
    round           integer NOT NULL,
    state           text NOT NULL CHECK (state IN ('running', 'paused', 'met', 'missed', 'cancelled')),
    target          text NOT NULL,
    calendar        text NOT NULL,
    policy_version  integer NOT NULL,
    started_at      timestamptz NOT NULL,
    used            bigint NOT NULL, -- microseconds
    used_days       bigint NOT NULL,
    counted_to      timestamptz NOT NULL,
    paused_at       timestamptz,
    due_at          timestamptz NOT NULL,
    original_due_at timestamptz NOT NULL,
    agreed          boolean NOT NULL,
    next_step       integer NOT NULL,
    next_step_at    timestamptz,
    stopped_at      timestamptz,
    breached        boolean NOT NULL,
    history         jsonb NOT NULL,
    PRIMARY KEY (ticket_id, n)
);
CREATE UNIQUE INDEX ticket_deadline_one_runs ON ticket_deadline (ticket_id, kind) WHERE state IN ('running', 'paused');

-- The contact that was given with this very ticket: the proof that tracking asks for.
CREATE TABLE ticket_party (
    ticket_id uuid NOT NULL REFERENCES ticket,
    kind      text NOT NULL,
    value     text NOT NULL,
    PRIMARY KEY (ticket_id, kind, value)
);
CREATE INDEX ticket_party_value ON ticket_party (kind, value);

CREATE TABLE ticket_interaction (
    ticket_id      uuid NOT NULL REFERENCES ticket,
    interaction_id uuid NOT NULL REFERENCES interaction,
    PRIMARY KEY (ticket_id, interaction_id)
);
CREATE INDEX ticket_interaction_back ON ticket_interaction (interaction_id);
