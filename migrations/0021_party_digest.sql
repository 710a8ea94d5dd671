-- A ticket's contacts and conversations are in the journal: these by id, those by salted digest, so that nothing of a person
-- stands in an event. The salt is erased with the contact.

-- NULL: given before openings named their contacts.
ALTER TABLE ticket_party ADD COLUMN salt bytea CONSTRAINT ticket_party_salted CHECK (octet_length(salt) >= 16);

-- As src/ticket/commit.cpp makes it.
CREATE FUNCTION party_digest(salt bytea, kind text, value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT encode(sha256(salt || convert_to(kind || ':' || value, 'UTF8')), 'hex')
$$;

-- {"parties":["<digest>",…]}: the contacts that an erasure removed.
CREATE INDEX event_party_erasures ON event USING gin ((data -> 'parties')) WHERE kind = 'parties_erased';
