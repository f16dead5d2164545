#!/bin/sh
# Make the secrets that are not there yet, each where only its readers have it.
#
#	/secrets/authsvc	the key tickets are signed with; the way into PostgreSQL
#	/secrets/admin		the key posthousectl signs its orders with
#	/secrets/public		the public halves of both, for every service
#	/secrets/frontend	a self-signed certificate with its key; a key of TLS session tickets
#	/secrets/postgresql	passwords, for PostgreSQL to be set up with
#
# What is there is kept: put your own certificate over posthouse.pem, and it stays.
set -eu
here=$(dirname "$0")
cd /secrets
umask 077

"$here/make-keys.sh" authsvc ticket
"$here/make-keys.sh" admin admin
cp authsvc/ticket.pub admin/admin.pub public

"$here/make-cert.sh" frontend/posthouse.pem "${TLS_NAME:-localhost}"
if [ ! -e frontend/tls-tickets ]; then
	openssl rand -hex 80 >frontend/tls-tickets.new
	mv frontend/tls-tickets.new frontend/tls-tickets
fi

# PostgreSQL runs under a user of its own: it must be able to read these, and has them alone.
chmod 755 postgresql
for name in superuser authsvc; do
	if [ ! -e "postgresql/$name" ]; then
		openssl rand -hex 24 >"postgresql/$name.new"
		chmod 444 "postgresql/$name.new"
		mv "postgresql/$name.new" "postgresql/$name"
	fi
done
printf '*:*:*:authsvc:%s\n' "$(cat postgresql/authsvc)" >authsvc/pgpass.new
mv authsvc/pgpass.new authsvc/pgpass
