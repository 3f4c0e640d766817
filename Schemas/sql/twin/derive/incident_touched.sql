-- The cases that a batch changed, or whose building it may have changed; and the buildings' claims that may stand elsewhere now, or under other names.
CREATE TEMP TABLE IF NOT EXISTS touched_report (id text COLLATE "C" PRIMARY KEY, is_moved boolean) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS former_partner (id text COLLATE "C") ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS component (id text COLLATE "C" PRIMARY KEY) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS new_place (LIKE incident_place) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS former_block (LIKE incident_block) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS touched_claim (id text COLLATE "C" PRIMARY KEY) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS new_claim_place (LIKE claim_place) ON COMMIT DELETE ROWS;
INSERT INTO touched_report SELECT DISTINCT a.id, true FROM affected a WHERE a.kind = 'case';
INSERT INTO touched_claim
SELECT a.id FROM affected a WHERE a.kind IN ('building', 'building name')
 UNION
SELECT b.id FROM affected a JOIN building_claim b ON b.compound_ref = a.id WHERE a.kind = 'compound name'
