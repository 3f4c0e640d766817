CREATE TABLE case_claim (
    LIKE claim,
    channel text,
    category text,
    subcategory text,
    description text,
    district text,
    address text,
    handler text,
    department text,
    street text,
    community text,
    urgency text,
    building_ref text COLLATE "C",
    location geometry(Point, 4326)
) WITH (fillfactor = 60);
