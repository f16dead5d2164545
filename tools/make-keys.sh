#!/bin/sh
# Make the Ed25519 pair that tickets are signed with.	usage: make-keys.sh DIR
#
# DIR/ticket.key (for authsvc alone, mode 0600) and DIR/ticket.pub (for
# everybody else). A key that is there is kept: replacing it ends every session.
set -eu

dir=${1:?usage: make-keys.sh DIR}
mkdir -p "$dir"
umask 077
if [ ! -e "$dir/ticket.key" ]; then
	openssl genpkey -algorithm ed25519 -out "$dir/ticket.key.new"
	# A link fails where a rename would replace: of two at work, one wins.
	ln "$dir/ticket.key.new" "$dir/ticket.key" || true
	rm -f "$dir/ticket.key.new"
fi
if [ ! -e "$dir/ticket.pub" ]; then
	umask 022
	openssl pkey -in "$dir/ticket.key" -pubout -out "$dir/ticket.pub.new"
	mv "$dir/ticket.pub.new" "$dir/ticket.pub"
fi
