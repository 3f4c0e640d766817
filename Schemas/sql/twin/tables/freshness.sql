CREATE TABLE freshness (
    kind             text COLLATE "C" NOT NULL,
    source_id        integer NOT NULL,
    last_occurred_at timestamptz,
    last_recorded_at timestamptz NOT NULL,
    last_position    bigint NOT NULL,
    facts            bigint NOT NULL,
    PRIMARY KEY (kind, source_id)
);
