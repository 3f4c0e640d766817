-- For how long a date in a list of people says that somebody lives there: data, not code. A door that was opened two years ago says
-- little, a visit a year ago says enough. Sources that have no row here: a year.
CREATE TABLE hub.population_list (
    source       text COLLATE "C" PRIMARY KEY,
    alive_within interval NOT NULL CHECK (alive_within > '0'),
    note         text
);
COMMENT ON TABLE hub.population_list IS 'How long an entry of a list of people counts as a sign of life (人口名册时效)';
COMMENT ON COLUMN hub.population_list.source IS 'Source: hub.source.name (来源)';
COMMENT ON COLUMN hub.population_list.alive_within IS 'An entry that is dated longer ago is not counted unless another list has a sign of life; sources without a row: a year (时效)';
COMMENT ON COLUMN hub.population_list.note IS 'Why (说明)';
INSERT INTO hub.population_list VALUES ('access-control', '90 days', 'Whoever lives there opens a door within three months; cards of people who left are not taken back');
