-- That one name in addresses is another one's alias, from when till when; by a steward or a department.
CREATE TABLE alias_claim (
    LIKE claim,
    name text,
    stands_for text,
    valid_from timestamptz,
    valid_to timestamptz,
    reason text,
    decided_by text
) WITH (fillfactor = 60);
