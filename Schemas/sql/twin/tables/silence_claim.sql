CREATE TABLE silence_claim (
    LIKE claim,
    sensor_ref text COLLATE "C",
    rule text,
    last_at timestamptz,
    usual_s double precision
) WITH (fillfactor = 60);
