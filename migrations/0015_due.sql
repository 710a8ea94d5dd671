-- What the scanner asks again and again while many tickets come due at once.

-- The urgent first, then the earliest.
DROP INDEX ticket_due;
CREATE INDEX ticket_due ON ticket (priority, next_step_at) WHERE next_step_at IS NOT NULL;

-- Whether somebody already waits for the same news of a ticket: without it, everything he has not read is looked through.
CREATE INDEX notice_waiting ON notice (ticket_id, user_id) WHERE read_at IS NULL AND not_before IS NOT NULL;
