CREATE TABLE alert_claim (
    LIKE claim,
    rule text,
    level text,
    notify text,
    sensor_ref text COLLATE "C",
    building_ref text COLLATE "C",
    value double precision,
    case_ref text COLLATE "C",
    note text,
    location geometry(Point, 4326)
) WITH (fillfactor = 60);
