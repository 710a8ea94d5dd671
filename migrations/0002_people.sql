-- Who works here: accounts, roles, departments, sessions, tokens, and what waits for whom.

CREATE TABLE user_account (
    id             uuid PRIMARY KEY,
    login          text NOT NULL,
    display_name   text NOT NULL CHECK (char_length(display_name) BETWEEN 1 AND 100),
    -- argon2id in PHC form; none until one is set.
    password_phc   text,
    active         boolean NOT NULL,
    language       text NOT NULL CHECK (language IN ('zh-CN', 'zh-TW', 'en')),
    time_zone      text NOT NULL,
    -- Rises with every change of what the user may do.
    rights_version bigint NOT NULL DEFAULT 1,
    version        bigint NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL,
    changed_at     timestamptz NOT NULL,
    changed_by     uuid,
    CONSTRAINT user_account_login_key UNIQUE (login),
    CONSTRAINT user_account_login_form CHECK (login ~ '^[a-z0-9][a-z0-9._@+-]{0,63}$')
);

CREATE TABLE user_role (
    user_id uuid NOT NULL REFERENCES user_account,
    role    text NOT NULL CHECK (role IN ('agent', 'complaint_officer', 'department_handler', 'department_leader',
                                          'supervisor', 'quality', 'administrator', 'auditor')),
    PRIMARY KEY (user_id, role)
);

CREATE TABLE department (
    id         uuid PRIMARY KEY,
    code       text NOT NULL,
    parent_id  uuid CONSTRAINT department_parent_fkey REFERENCES department,
    -- By language: {"zh-CN": …, "zh-TW": …, "en": …}.
    name       jsonb NOT NULL CHECK (jsonb_typeof(name) = 'object' AND name <> '{}'),
    contact_a  uuid CONSTRAINT department_contact_a_fkey REFERENCES user_account,
    contact_b  uuid CONSTRAINT department_contact_b_fkey REFERENCES user_account,
    calendar   text NOT NULL,
    active     boolean NOT NULL,
    version    bigint NOT NULL DEFAULT 1,
    changed_at timestamptz NOT NULL,
    changed_by uuid,
    CONSTRAINT department_code_key UNIQUE (code),
    CONSTRAINT department_code_form CHECK (code ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
    CONSTRAINT department_not_its_own_parent CHECK (parent_id <> id),
    CONSTRAINT department_two_contacts CHECK (contact_a <> contact_b)
);
CREATE INDEX department_parent ON department (parent_id);

CREATE TABLE department_member (
    department_id uuid NOT NULL CONSTRAINT department_member_department_fkey REFERENCES department,
    user_id       uuid NOT NULL CONSTRAINT department_member_user_fkey REFERENCES user_account,
    position      text NOT NULL CHECK (position IN ('handler', 'leader')),
    PRIMARY KEY (department_id, user_id, position)
);
CREATE INDEX department_member_user ON department_member (user_id, position, department_id);

CREATE VIEW user_profile AS
    SELECT u.*,
           ARRAY(SELECT r.role FROM user_role r WHERE r.user_id = u.id ORDER BY r.role) AS roles,
           ARRAY(SELECT m.department_id FROM department_member m WHERE m.user_id = u.id
                  ORDER BY m.department_id, m.position) AS departments,
           ARRAY(SELECT m.position FROM department_member m WHERE m.user_id = u.id
                  ORDER BY m.department_id, m.position) AS positions
      FROM user_account u;

-- A row lives as long as the session; what ended is in the journal.
CREATE TABLE session (
    id              uuid PRIMARY KEY,
    user_id         uuid NOT NULL REFERENCES user_account,
    -- SHA-256 of the cookie's value, which is stored nowhere.
    token_hash      bytea NOT NULL CHECK (octet_length(token_hash) = 32),
    created_at      timestamptz NOT NULL,
    seen_at         timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    client_address  text NOT NULL,
    user_agent_hash bytea NOT NULL,
    CONSTRAINT session_token_key UNIQUE (token_hash)
);
CREATE INDEX session_of_user ON session (user_id, created_at);
CREATE INDEX session_seen ON session (seen_at);

-- Browsers from which an account has logged in before: each has a failure counter of its own.
CREATE TABLE known_device (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    user_id    uuid NOT NULL REFERENCES user_account,
    seen_at    timestamptz NOT NULL
);
CREATE INDEX known_device_user ON known_device (user_id, seen_at);
CREATE INDEX known_device_seen ON known_device (seen_at);

-- Log-in attempts not known to be good. The key is a hash, since people type passwords into the wrong field.
CREATE TABLE login_backoff (
    key        bytea PRIMARY KEY CHECK (octet_length(key) = 32),
    failures   integer NOT NULL CHECK (failures >= 0),
    failed_at  timestamptz NOT NULL
);
CREATE INDEX login_backoff_failed ON login_backoff (failed_at);

CREATE TABLE api_token (
    id           uuid PRIMARY KEY,
    -- The part of the token that finds it: hy_<handle>_<secret>.
    handle       text NOT NULL,
    -- SHA-256 of the secret, which is stored nowhere.
    secret_hash  bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
    name         text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    scopes       text[] NOT NULL CHECK (cardinality(scopes) > 0),
    created_by   uuid,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at   timestamptz,
    CONSTRAINT api_token_handle_key UNIQUE (handle)
);

CREATE TABLE notice (
    id        uuid PRIMARY KEY,
    user_id   uuid NOT NULL CONSTRAINT notice_user_fkey REFERENCES user_account,
    kind      text NOT NULL CHECK (kind ~ '^[a-z0-9_.]{1,64}$'),
    ticket_id uuid,
    at        timestamptz NOT NULL,
    read_at   timestamptz
);
CREATE INDEX notice_inbox ON notice (user_id, at DESC, id DESC);
CREATE INDEX notice_unread ON notice (user_id) WHERE read_at IS NULL;
