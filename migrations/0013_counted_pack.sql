-- By which version of the rules the clocks that run have been looked at. Where a later one has other targets, the
-- scanner's recount brings the tickets over one by one; a crash leaves it where it was.
CREATE TABLE counted_pack (
    only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version      integer NOT NULL,
    -- While a recount is under way: to which version, and up to which ticket it has come.
    next         integer,
    done_through uuid,
    CONSTRAINT counted_pack_is_whole CHECK ((next IS NULL) = (done_through IS NULL))
);
