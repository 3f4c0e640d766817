CREATE TABLE valve_claim (
    LIKE claim,
    network text,
    starts_at text COLLATE "C",
    ends_at text COLLATE "C",
    valve_type text,
    diameter_mm double precision,
    setting double precision,
    setting_unit text,
    minor_loss double precision,
    status text,
    placement text,
    local_path geometry(LineString, 0),
    path geometry(LineString, 4326)
) WITH (fillfactor = 60);
