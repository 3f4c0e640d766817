CREATE TABLE compound_claim (
    LIKE claim INCLUDING ALL,
    name text,
    address text,
    manager text,
    aliases json,
    location geometry(Point, 4326)
);
