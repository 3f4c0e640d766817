-- Footprints that were joined are one building: what was found at one of them belongs to the building.
UPDATE {links} n SET building_id = l.building_id
  FROM building_link l
 WHERE n.kind <> 'building' AND l.kind = 'building' AND l.id = n.building_id AND l.building_id <> l.id AND l.method IN ('match', 'steward');
-- A pipe may cross one and pass the other.
DELETE FROM {links} n USING {links} o
 WHERE n.kind = 'pipe' AND o.kind = 'pipe' AND o.id = n.id AND o.building_id = n.building_id AND (o.method, o.ctid) < (n.method, n.ctid)
