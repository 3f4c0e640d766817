-- The timeline of a case. A step without a date has '-infinity' in its key: the latest telling stands for it.
CREATE TABLE case_step (
    case_id      text COLLATE "C" NOT NULL,
    step         text COLLATE "C" NOT NULL,
    step_at      timestamptz NOT NULL,
    effective_at timestamptz NOT NULL,
    position     bigint NOT NULL,
    source_id    integer NOT NULL,
    handler      text,
    department   text,
    outcome      text,
    solved       boolean,
    satisfaction text,
    reason       text,
    due_at       timestamptz,
    reached      boolean,
    level        text,
    -- As the source writes it: its own number, or <source>:<number>.
    merged_into  text
);
