#!/bin/sh
# Make the secrets that are not there yet, each where only its readers have it.
#
#	/secrets/authsvc	the key tickets are signed with; the way into PostgreSQL
#	/secrets/admin		the key posthousectl signs its orders with
#	/secrets/public		the public halves of both, for every service
#	/secrets/frontend	a self-signed certificate with its key; a key of TLS session tickets
#	/secrets/authority	what certificates for calls among services come from; no service sees it
#	/secrets/SERVICE/rpc.*	the service's certificate and key for these calls
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

# What each may call is in its certificate: frontends call authsvc and the stores, posthousectl all of them. Nobody makes new
# ones when these end, so they last; take authority and certificates away, and init makes others.
rpc_certificate() {	# FOLDER SERVICE NAMES [ROLE]
	folder=$1
	shift
	RPC_CERT_DAYS=3650 "$here/make-rpc-cert.sh" authority "$@"
	for kind in crt key; do
		cp "authority/$1.$kind" "$folder/rpc.$kind.new"
		mv "$folder/rpc.$kind.new" "$folder/rpc.$kind"
	done
}
rpc_certificate frontend frontend DNS:frontend frontend
rpc_certificate authsvc authsvc DNS:authsvc
rpc_certificate storesvc storesvc DNS:storesvc1,DNS:storesvc2,DNS:storesvc3,DNS:storesvc4
rpc_certificate outboxsvc outboxsvc DNS:outboxsvc outbox
rpc_certificate admin posthousectl DNS:posthousectl operator
cp authority/ca.crt public/rpc-ca.crt

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
