CREATE TABLE observation (
    sensor_id         text COLLATE "C" NOT NULL,
    observed_property text COLLATE "C" NOT NULL,
    observed_at       timestamptz NOT NULL,
    value             double precision,
    unit              text,
    quality           text,
    source_id         integer NOT NULL,
    position          bigint NOT NULL
);
