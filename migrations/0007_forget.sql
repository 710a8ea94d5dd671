-- The planner's statistics quote values of the columns they describe, erased ones too, until the table is analysed again:
-- erasing a person does that at once. As owner, since nobody else may; an emptied table keeps its old statistics.
CREATE FUNCTION forget_statistics() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    ANALYZE customer, identity, text, attachment, attachment_chunk, ticket_party, parked;
END
$$;
