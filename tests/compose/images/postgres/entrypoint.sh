#!/bin/bash
# An empty volume becomes a database, set up by /docker-entrypoint-initdb.d; then PostgreSQL runs.
set -eu

set_up() {
	initdb --username=postgres --pwfile="$POSTGRES_PASSWORD_FILE" --auth-host=scram-sha-256 \
		--auth-local=trust >/dev/null
	echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
	pg_ctl -w -o "-c listen_addresses=''" start
	createdb --username=postgres "$POSTGRES_DB"
	for file in /docker-entrypoint-initdb.d/*; do
		case $file in
		*.sql) psql -v ON_ERROR_STOP=1 --username=postgres --dbname="$POSTGRES_DB" -f "$file" ;;
		*.sh) "$file" ;;
		esac
	done
	pg_ctl -w -m fast stop
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
	set_up
fi
exec "$@" -c listen_addresses='*'
