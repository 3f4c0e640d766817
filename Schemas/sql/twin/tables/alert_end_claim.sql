-- That an alert is over, beside the alert itself: it stays to be seen.
CREATE TABLE alert_end_claim (
    LIKE claim,
    reason text
) WITH (fillfactor = 60);
