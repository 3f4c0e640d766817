CREATE TABLE compound_claim (
    LIKE claim INCLUDING ALL,
    name text,
    address text,
    manager text,
    aliases json,
    households integer,
    location geometry(Point, 4326)
);
