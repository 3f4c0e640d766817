-- What the resolver of one kind of thing has learned, and for which rules.
CREATE TABLE resolver_claim (
    LIKE claim,
    entity_kind text COLLATE "C",
    rules text COLLATE "C",
    parameters json,
    reason text,
    decided_by text
) WITH (fillfactor = 60);
