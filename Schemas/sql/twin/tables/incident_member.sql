-- Derived: cases that are not alone, and the one that was received first of each incident.
CREATE TABLE incident_member (
    case_id     text COLLATE "C" NOT NULL,
    incident_id text COLLATE "C" NOT NULL
);
