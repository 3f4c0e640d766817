-- A steward decided: the cases of all decisions, those that hold and those that did. They are few.
INSERT INTO touched_report
SELECT d.id, true FROM (SELECT first_case FROM incident_decision UNION SELECT second_case FROM incident_decision
 UNION SELECT left_id FROM incident_pair WHERE band IN ('merged', 'split') UNION SELECT right_id FROM incident_pair WHERE band IN ('merged', 'split')) d (id)
ON CONFLICT DO NOTHING
