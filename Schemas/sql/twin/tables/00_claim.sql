-- What every kind's table begins with; the others are made like it. One row: what one source says of one thing now.
-- Times compare as (time, position); a removal without a date is a statement about the source's list, so it compares
-- by position alone with what was told. Nothing yet is '-infinity' and 0.
CREATE TABLE claim (
    id                text COLLATE "C" PRIMARY KEY,
    source_id         integer NOT NULL,
    occurred_at       timestamptz,
    effective_at      timestamptz NOT NULL,
    position          bigint NOT NULL,
    ended_at          timestamptz NOT NULL,
    ended_position    bigint NOT NULL,
    told_position     bigint NOT NULL,
    vanished_position bigint NOT NULL,
    removed           boolean NOT NULL GENERATED ALWAYS AS (
        told_position = 0 OR vanished_position > told_position
        OR (ended_at, ended_position) > (effective_at, position)) STORED
);
