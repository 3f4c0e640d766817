CREATE TABLE organisation_claim (
    LIKE claim,
    building_ref text COLLATE "C",
    name text,
    credit_code text,
    role text,
    address text,
    location geometry(Point, 4326)
) WITH (fillfactor = 60);
