-- A steward's decision whether two cases are reports of one incident.
CREATE TABLE incident_claim (
    LIKE claim,
    first_case text COLLATE "C",
    second_case text COLLATE "C",
    verdict text COLLATE "C",
    reason text,
    decided_by text
) WITH (fillfactor = 60);
