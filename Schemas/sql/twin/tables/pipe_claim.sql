CREATE TABLE pipe_claim (
    LIKE claim,
    network text,
    starts_at text COLLATE "C",
    ends_at text COLLATE "C",
    length_m double precision,
    diameter_mm double precision,
    roughness double precision,
    minor_loss double precision,
    material text,
    status text,
    placement text,
    local_path geometry(LineString, 0),
    path geometry(LineString, 4326)
) WITH (fillfactor = 60);
