CREATE TABLE hub.tick (
    at       timestamptz PRIMARY KEY,
    position bigint NOT NULL
);
COMMENT ON TABLE hub.tick IS 'Which position a moment is: the settled horizon, about once a second (时刻与位置)';
COMMENT ON COLUMN hub.tick.at IS 'Moment; never decreasing (时刻)';
COMMENT ON COLUMN hub.tick.position IS 'Everything up to here was settled then (已定位置)';
