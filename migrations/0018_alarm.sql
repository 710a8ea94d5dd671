-- What stands over a threshold of the live board, since it crossed it: a row from the crossing until it is below again.

CREATE TABLE board_alarm (
    measure    text NOT NULL CHECK (measure IN ('overdue', 'at_desk')),
    department uuid NOT NULL, -- the nil id: of the whole house
    threshold  bigint NOT NULL CHECK (threshold > 0),
    since      timestamptz NOT NULL,
    reached    bigint NOT NULL, -- when it crossed
    PRIMARY KEY (measure, department, threshold)
);
CREATE INDEX board_alarm_newest ON board_alarm (since);
