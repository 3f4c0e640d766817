-- Derived: which building a claim, a case, a sensor, an entrance, a part or a pipe belongs to, and by which rule.
CREATE TABLE building_link (
    kind        text COLLATE "C" NOT NULL,
    id          text COLLATE "C" NOT NULL,
    building_id text COLLATE "C" NOT NULL,
    method      text COLLATE "C" NOT NULL CHECK (method IN ('self', 'key', 'inside', 'among', 'near', 'crosses', 'match', 'steward'))
);
