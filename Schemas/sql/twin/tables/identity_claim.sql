-- A steward's decision about two claims: that they are one thing, or that they are not.
CREATE TABLE identity_claim (
    LIKE claim,
    entity_kind text COLLATE "C",
    claim text COLLATE "C",
    other text COLLATE "C",
    verdict text COLLATE "C",
    reason text,
    decided_by text
) WITH (fillfactor = 60);
