-- One index for both questions, how many a person has not read and whether one of this cause still waits for him. Of two that
-- begin with the person the planner may take the short one, and read all that he has not read for each new notice.
DROP INDEX notice_unread, notice_waiting;
CREATE INDEX notice_unread ON notice (user_id, ticket_id, kind) WHERE read_at IS NULL;
