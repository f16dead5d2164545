# shellcheck shell=bash
# server_ours.sh - Posthouse under tools/run.sh. Sourced by run.sh.
#
# Everything counts: four services, both frontends, Redis and the supervisor;
# the load goes to the first frontend.

ours_prepare() {
	mkdir -p "$1/keys" "$1/mail"
	chmod 700 "$1" "$1/keys"
	# The same certificate as everyone's.
	[ -e "$1/keys/posthouse.pem" ] || cp "$WORK/cert.pem" "$1/keys/posthouse.pem"
	give_mail "$1"
}

ours_start() {
	local i
	: >"$1/run.log"
	group_start "$1/run.log" env RUN_DIR="$1" PORT_BASE="$ours_base" BUILD="$BUILD" LOG_LEVEL=warn \
		"$ROOT/tools/run.sh"
	for i in $(seq 600); do
		grep -q '^Posthouse is running' "$1/run.log" && break
		kill -0 "$group_pid" 2>/dev/null || die "Posthouse did not start; see $1/run.log"
		sleep 0.1
	done
	if [ ! -e "$1/accounts.complete" ]; then
		RUN_DIR="$1" BUILD="$BUILD" "$ROOT/tools/user.sh" users '' '' 1000 >>"$1/run.log"
		touch "$1/accounts.complete"
	fi
}

# Posthouse's index and cache files; UIDs are in the names of the messages.
ours_forget() {
	find "$1/mail" \( -name 'posthouse-index*' -o -name 'posthouse-cache*' \) -delete
}

ours_mail() {
	echo "$1/mail"
}
