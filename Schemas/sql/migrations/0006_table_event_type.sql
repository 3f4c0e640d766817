CREATE TABLE hub.event_type (
    id      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name    text COLLATE "C" NOT NULL,
    version integer NOT NULL DEFAULT 1,
    UNIQUE (name, version)
);
COMMENT ON TABLE hub.event_type IS 'Types of facts and their versions; contracts are in Schemas/events (事实类型)';
COMMENT ON COLUMN hub.event_type.id IS 'Number used in hub.event (类型编号)';
COMMENT ON COLUMN hub.event_type.name IS 'Name such as building.described (类型名称)';
COMMENT ON COLUMN hub.event_type.version IS 'Version of the payload''s contract (版本)';
