-- Its names are bound when it is made, so that it can be put in place of its call, in policies too, whatever the caller's search path says.
CREATE OR REPLACE FUNCTION hub.session_source() RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(split_part(session_user::text, '_adapter_', 2), '')::integer;
COMMENT ON FUNCTION hub.session_source() IS 'The source that this login role writes for; null for other roles (会话来源)';
