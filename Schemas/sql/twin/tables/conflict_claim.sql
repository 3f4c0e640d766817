-- A steward's decision about one attribute of one thing: whose word stands.
CREATE TABLE conflict_claim (
    LIKE claim,
    entity_kind text COLLATE "C",
    entity text COLLATE "C",
    attribute text COLLATE "C",
    chosen text COLLATE "C",
    reason text,
    decided_by text
) WITH (fillfactor = 60);
