-- Derived: which claims of one kind are the same thing. A claim that is alone has no row; buildings have theirs in building_link.
CREATE TABLE entity_link (
    kind      text COLLATE "C" NOT NULL,
    id        text COLLATE "C" NOT NULL,
    entity_id text COLLATE "C" NOT NULL,
    method    text COLLATE "C" NOT NULL CHECK (method IN ('self', 'match', 'steward'))
);
