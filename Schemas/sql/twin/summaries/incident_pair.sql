CREATE OR REPLACE VIEW {twin}.incident_pair AS
SELECT p.left_id AS first_case,
       p.right_id AS second_case,
       p.band,
       p.probability,
       coalesce(l.incident_id = r.incident_id, false) AS is_same,
       p.evidence,
       d.decided_by,
       d.reason,
       d.effective_at AS decided_at,
       d.position AS decision
  FROM {generation}.incident_pair p
  LEFT JOIN {generation}.incident_member l ON l.case_id = p.left_id
  LEFT JOIN {generation}.incident_member r ON r.case_id = p.right_id
  LEFT JOIN {generation}.incident_decision d ON d.first_case = p.left_id AND d.second_case = p.right_id;
COMMENT ON VIEW {twin}.incident_pair IS 'Two reports that are of one incident, may be, or of which a steward said so or the contrary; with the evidence (上报配对)';
COMMENT ON COLUMN {twin}.incident_pair.first_case IS 'One report: twin."case".id, the smaller of the two (工单)';
COMMENT ON COLUMN {twin}.incident_pair.second_case IS 'The other (另一工单)';
COMMENT ON COLUMN {twin}.incident_pair.band IS 'link: linked by the weights; review: a steward should look; merged, split: a steward''s decision, which always wins (判定)';
COMMENT ON COLUMN {twin}.incident_pair.probability IS 'By the weights, that both are of one incident (匹配概率)';
COMMENT ON COLUMN {twin}.incident_pair.is_same IS 'Whether they stand in one incident in the end, which others of their reports may decide (是否同一事件)';
COMMENT ON COLUMN {twin}.incident_pair.evidence IS 'For each attribute the level of agreement (1 is full) and the weight for (above 0) or against, as log2; veto: why they cannot be (证据)';
COMMENT ON COLUMN {twin}.incident_pair.decided_by IS 'The steward who decided (裁定人)';
COMMENT ON COLUMN {twin}.incident_pair.reason IS 'Why (理由)';
COMMENT ON COLUMN {twin}.incident_pair.decided_at IS 'When he decided (裁定时间)';
COMMENT ON COLUMN {twin}.incident_pair.decision IS 'Position in hub.event of the decision (裁定事实位置)';
