-- Every role starts from nothing: a grant that no file gives any more is gone.
REVOKE ALL ON ALL TABLES IN SCHEMA hub FROM "{hub}_adapter", "{hub}_analyst", "{hub}_projector", "{hub}_steward", "{hub}_consumer";
REVOKE ALL ON ALL SEQUENCES IN SCHEMA hub FROM "{hub}_adapter", "{hub}_analyst", "{hub}_projector", "{hub}_steward", "{hub}_consumer";
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA hub FROM "{hub}_adapter", "{hub}_analyst", "{hub}_projector", "{hub}_steward", "{hub}_consumer";
