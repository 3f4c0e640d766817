CREATE TABLE observation (
    sensor_id         text COLLATE "C" NOT NULL,
    observed_property text COLLATE "C" NOT NULL,
    observed_at       timestamptz NOT NULL,
    value             double precision,
    unit              text,
    quality           text,
    source_id         integer NOT NULL,
    effective_at      timestamptz NOT NULL,
    position          bigint NOT NULL,
    PRIMARY KEY (sensor_id, observed_property, observed_at)
);
