#!/bin/sh
# Recomputes every batch's digest with psql and sha256sum alone. Prints each batch that does not fit; exit code 1 if any.
# usage: verify-with-psql.sh CONNINFO
set -eu
psql() { command psql -X -q -At -d "$database" "$@"; }
digest() { sha256sum | cut -d ' ' -f 1; }
database=$1
status=0
archived="FROM hub.batch b JOIN hub.leaf l ON l.archived_at IS NOT NULL AND b.first_position <= l.last_position AND b.last_position >= l.first_position"
for batch in $(psql -c "SELECT DISTINCT b.id $archived ORDER BY 1"); do
    echo "batch $batch lies in an archived partition: its facts are not here"
done
for batch in $(psql -c "SELECT id FROM hub.batch WHERE id NOT IN (SELECT b.id $archived) ORDER BY id"); do
    header=$(psql -c "SELECT header FROM hub.batch_header WHERE batch_id = $batch")
    bodies=$(psql -c "SELECT body FROM hub.event_canonical WHERE batch_id = $batch ORDER BY position" | digest)
    positions=$(psql -c "SELECT position FROM hub.event_canonical WHERE batch_id = $batch ORDER BY position" | digest)
    computed=$(printf '%s %s %s\n' "$header" "$bodies" "$positions" | digest)
    recorded=$(psql -c "SELECT encode(digest, 'hex') FROM hub.batch WHERE id = $batch")
    if [ "$computed" != "$recorded" ]; then
        echo "batch $batch does not fit"
        status=1
    fi
done
exit $status
