-- Derived from case_step (CaseState). Status is null where no step moved the case.
CREATE TABLE case_state (
    case_id   text COLLATE "C" NOT NULL,
    status    text,
    status_at timestamptz,
    closed_at timestamptz,
    is_open   boolean NOT NULL,
    -- Steps that moved the case, in order: step, at (microseconds since 1970), dated, position.
    stages    json NOT NULL,
    -- Steps that do not fit: the same, with anomaly and the state before (after); null for none.
    anomalies json
) WITH (fillfactor = 60);
