-- What the house notes of a customer: {"tags":["…"],"note":"…"}, words like all others, so that they are erased and exported
-- with them. Each change is a new text; the newest is named here.
ALTER TABLE customer ADD COLUMN profile_id uuid CONSTRAINT customer_profile_fkey REFERENCES text;

-- The source's profile, and whether the target had none and took it.
ALTER TABLE customer_merge
    ADD COLUMN profile_id uuid CONSTRAINT customer_merge_profile_fkey REFERENCES text,
    ADD COLUMN gave_profile boolean NOT NULL DEFAULT false;
