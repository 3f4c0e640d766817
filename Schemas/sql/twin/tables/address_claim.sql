CREATE TABLE address_claim (
    LIKE claim INCLUDING ALL,
    building_ref text COLLATE "C",
    name text,
    address text,
    location geometry(Point, 4326)
);
