{kind}_claim AS MATERIALIZED (
    -- The last word by the rule of the twin's fold: after the last undated fact the latest date, else that fact.
    SELECT s.* FROM (
           SELECT DISTINCT ON (w.id) w.*
             FROM (SELECT c.*, max(CASE WHEN c.occurred_at IS NULL THEN c.position END) OVER (PARTITION BY c.id) AS undated
                     FROM {generation}.{kind}_claim c WHERE c.effective_at <= $1 AND c.position <= $2{condition}) w
            WHERE w.position >= coalesce(w.undated, 0)
            ORDER BY w.id, w.occurred_at DESC NULLS LAST, w.position DESC) s
     WHERE NOT s.removed{told}
)
