-- Derived from case_step (CaseState).
CREATE TABLE case_state (
    case_id   text COLLATE "C" NOT NULL,
    status    text NOT NULL,
    status_at timestamptz NOT NULL,
    closed_at timestamptz,
    is_open   boolean NOT NULL
) WITH (fillfactor = 60);
