-- Keys are made by a rebuild, after the rows.
-- What every kind's table begins with; the others are made like it, with room in their pages: a row that is told again then
-- stays in its page, and no index has to learn of it (a HOT update), where its place and its references are as before.
-- One row: what one source says of one thing now, which is
-- its last word. A fact without a date replaces what was said before, and is replaced by what is said next; of two dated
-- ones the later date stands, of equal dates the later position. What was told of without being described has position 0.
CREATE TABLE claim (
    id               text COLLATE "C" NOT NULL,
    source_id        integer NOT NULL,
    occurred_at      timestamptz,
    effective_at     timestamptz NOT NULL,
    position         bigint NOT NULL,
    -- Of the last fact without a date; 0 where there is none.
    undated_position bigint NOT NULL,
    -- The last word is that it is no more.
    removed          boolean NOT NULL
);
