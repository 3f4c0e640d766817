CREATE TABLE pump_claim (
    LIKE claim,
    network text,
    starts_at text COLLATE "C",
    ends_at text COLLATE "C",
    parameters text,
    power_kw double precision,
    status text,
    placement text,
    local_path geometry(LineString, 0),
    path geometry(LineString, 4326)
) WITH (fillfactor = 60);
