#!/bin/sh
# What the image "postgres" does when it starts: a database the first time, then the server.
set -eu
umask 077
if [ ! -s "$PGDATA/PG_VERSION" ]; then
	mkdir -p "$PGDATA"
	printf '%s' "$POSTGRES_PASSWORD" >/tmp/password
	initdb -U "$POSTGRES_USER" --pwfile=/tmp/password --auth-local=trust --auth-host=scram-sha-256 -N >/dev/null
	rm /tmp/password
	echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
	pg_ctl -s -w -o "-c listen_addresses= -c unix_socket_directories=/run/postgresql" start
	createdb -h /run/postgresql -U "$POSTGRES_USER" "$POSTGRES_DB"
	for file in /docker-entrypoint-initdb.d/*.sql; do
		psql -q -h /run/postgresql -U "$POSTGRES_USER" -v ON_ERROR_STOP=1 -f "$file" "$POSTGRES_DB"
	done
	pg_ctl -s -w -m fast stop
fi
exec postgres -c "listen_addresses=*" -c unix_socket_directories=/run/postgresql
