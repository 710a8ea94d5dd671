-- The ticket engine in full: what extensions, holds, supervision, rulings, final answers, withdrawals and groups leave behind.
-- As in 0005 rows below a ticket are appended and never leave; n counts them from 0.

ALTER TABLE ticket
    ADD COLUMN next_callback_channel text NOT NULL DEFAULT 'phone',
    ADD COLUMN callback_agent        uuid,
    ADD COLUMN survey_round          integer NOT NULL DEFAULT 0,
    ADD COLUMN group_root            uuid CONSTRAINT ticket_group_root_fkey REFERENCES ticket,
    ADD COLUMN inherited_due         timestamptz,
    ADD COLUMN final_word            jsonb,
    ADD COLUMN withdrawal            jsonb,
    -- Derived: bit i is set where the i-th table of src/ticket/ticket_rows.hpp has rows, so that a load looks nowhere else.
    ADD COLUMN has_rows              integer NOT NULL DEFAULT 0;
UPDATE ticket t SET has_rows =
      CASE WHEN EXISTS (SELECT FROM ticket_work_order r WHERE r.ticket_id = t.id) THEN 1 ELSE 0 END
    + CASE WHEN EXISTS (SELECT FROM ticket_solution r WHERE r.ticket_id = t.id) THEN 2 ELSE 0 END
    + CASE WHEN EXISTS (SELECT FROM ticket_approval r WHERE r.ticket_id = t.id) THEN 4 ELSE 0 END
    + CASE WHEN EXISTS (SELECT FROM ticket_promise r WHERE r.ticket_id = t.id) THEN 8 ELSE 0 END
    + CASE WHEN EXISTS (SELECT FROM ticket_callback r WHERE r.ticket_id = t.id) THEN 16 ELSE 0 END
    + CASE WHEN EXISTS (SELECT FROM ticket_judgement r WHERE r.ticket_id = t.id) THEN 32 ELSE 0 END
    + CASE WHEN EXISTS (SELECT FROM ticket_deadline r WHERE r.ticket_id = t.id) THEN 64 ELSE 0 END;

-- Withdrawn is asked for and not yet confirmed: open, with a clock. Confirmed, it is closed.
ALTER TABLE ticket
    DROP CONSTRAINT ticket_closed_has_a_closure,
    DROP CONSTRAINT ticket_open_has_a_next_step,
    ADD CONSTRAINT ticket_closed_has_a_closure CHECK ((status IN ('closed', 'archived')) = (closure <> 'none')),
    ADD CONSTRAINT ticket_open_has_a_next_step CHECK (next_step_at IS NOT NULL OR status IN ('closed', 'archived', 'merged', 'reply_review')),
    ADD CONSTRAINT ticket_merged_names_its_heir CHECK ((status = 'merged') = (merged_into IS NOT NULL)),
    ADD CONSTRAINT ticket_withdrawn_has_a_request CHECK (status <> 'withdrawn' OR withdrawal IS NOT NULL),
    ADD CONSTRAINT ticket_is_not_its_own_group CHECK (group_root <> id);
CREATE INDEX ticket_of_group ON ticket (group_root) WHERE group_root IS NOT NULL;
-- What else is open about the same.
CREATE INDEX ticket_of_category ON ticket (category, created_at) WHERE status NOT IN ('closed', 'archived', 'merged');
-- Replies, for the signs of closing without an answer.
CREATE INDEX ticket_replied ON ticket (replied_at, id) WHERE replied_at IS NOT NULL;
CREATE INDEX ticket_replied_by ON ticket (replied_by, replied_at) WHERE replied_at IS NOT NULL;

ALTER TABLE ticket_work_order
    ADD COLUMN result  jsonb,
    ADD COLUMN overdue boolean NOT NULL DEFAULT false;

ALTER TABLE ticket_promise
    ALTER COLUMN solution DROP NOT NULL, -- NULL: made beside a solution
    ADD COLUMN made_by     uuid,
    ADD COLUMN words       jsonb,
    ADD COLUMN warn_at     timestamptz,
    ADD COLUMN released_at timestamptz;

ALTER TABLE ticket_callback
    ADD COLUMN channel          text NOT NULL DEFAULT 'phone',
    ADD COLUMN about_withdrawal boolean NOT NULL DEFAULT false;

CREATE TABLE ticket_extension (
    ticket_id  uuid NOT NULL REFERENCES ticket,
    n          integer NOT NULL,
    asked_by   uuid NOT NULL,
    asked_at   timestamptz NOT NULL,
    until      timestamptz NOT NULL,
    reason     text NOT NULL,
    basis      jsonb,
    state      text NOT NULL,
    decided_by uuid,
    decided_at timestamptz,
    due_before timestamptz,
    PRIMARY KEY (ticket_id, n)
);

CREATE TABLE ticket_hold (
    ticket_id  uuid NOT NULL REFERENCES ticket,
    n          integer NOT NULL,
    reason     text NOT NULL,
    asked_by   uuid NOT NULL,
    asked_at   timestamptz NOT NULL,
    told       uuid NOT NULL,
    until      timestamptz,
    words      jsonb,
    state      text NOT NULL,
    signed_by  uuid,
    decided_at timestamptz,
    ended_at   timestamptz,
    ended_by   text NOT NULL,
    PRIMARY KEY (ticket_id, n)
);

CREATE TABLE ticket_supervision (
    ticket_id   uuid NOT NULL REFERENCES ticket,
    n           integer NOT NULL,
    reason      text NOT NULL,
    ordered_by  uuid NOT NULL, -- nil: by rule
    at          timestamptz NOT NULL,
    words       jsonb,
    answered_by uuid,
    answered_at timestamptz,
    answer      jsonb,
    cleared_by  uuid,
    cleared_at  timestamptz,
    PRIMARY KEY (ticket_id, n)
);

CREATE TABLE ticket_ruling (
    ticket_id  uuid NOT NULL REFERENCES ticket,
    n          integer NOT NULL,
    ruled_by   uuid NOT NULL,
    at         timestamptz NOT NULL,
    reason     text NOT NULL,
    at_fault   text NOT NULL,
    department uuid,
    lost_from  timestamptz NOT NULL,
    charged    bigint NOT NULL CHECK (charged >= 0), -- microseconds
    PRIMARY KEY (ticket_id, n)
);

-- Who held it from when on, until the next one; before the first one the desk.
CREATE TABLE ticket_spell (
    ticket_id  uuid NOT NULL REFERENCES ticket,
    n          integer NOT NULL,
    held_by    text NOT NULL,
    department uuid,
    from_at    timestamptz NOT NULL,
    PRIMARY KEY (ticket_id, n)
);

CREATE TABLE ticket_contact (
    ticket_id   uuid NOT NULL REFERENCES ticket,
    n           integer NOT NULL,
    interaction uuid NOT NULL CONSTRAINT ticket_contact_interaction_fkey REFERENCES interaction,
    how         text NOT NULL,
    at          timestamptz NOT NULL,
    logged_by   uuid NOT NULL,
    reached     boolean NOT NULL,
    by_lead     boolean NOT NULL,
    PRIMARY KEY (ticket_id, n)
);

-- A notice that is not urgent waits for its receiver's working hours; NULL: none.
ALTER TABLE notice ADD COLUMN not_before timestamptz;

-- What a customer's own act carries besides its words: scores, a reason, the text it names.
ALTER TABLE ticket_inbox ADD COLUMN detail jsonb;
CREATE INDEX ticket_inbox_entry ON ticket_inbox (entry_id);
ALTER TABLE entry
    DROP CONSTRAINT entry_proof_check,
    ADD CONSTRAINT entry_proof_check CHECK (proof IN ('', 'none', 'link_token', 'authenticated_mail', 'trunk_caller', 'log_in',
                                                      'api_token', 'ticket_contact'));

-- How the clocks that run were counted. Where the organisation's calendar of that name differs, the scanner's recount brings
-- them over ticket by ticket; a crash leaves it where it was.
CREATE TABLE counted_calendar (
    name         text PRIMARY KEY,
    definition   jsonb NOT NULL,
    -- While a recount is under way: what it counts by, and up to which ticket it has come.
    next         jsonb,
    done_through uuid,
    recounts     integer NOT NULL DEFAULT 0,
    CONSTRAINT counted_calendar_is_whole CHECK ((next IS NULL) = (done_through IS NULL))
);
