#!/bin/bash
# Posthouse and Dovecot side by side on the same mail: writes bench/RESULTS.md.
#
#	bench/run.sh				everything, in less than 15 minutes
#	bench/run.sh --only mix,append		some scenarios (loadgen --list)
#	bench/run.sh --servers ours,tuned	some servers: plain, tuned (Dovecot), ours
#	bench/run.sh --dir DIR			keep mail and logs there for the next run
#	bench/run.sh --profile			perf record beside each scenario; into --dir
#	bench/run.sh --seconds N		repeat each operation for N seconds
#	bench/run.sh --out FILE			instead of bench/RESULTS.md; -: standard output
#
# With --only or --servers, they go to standard output unless --out is given.
# BUILD: where the programs are. PORT_BASE: the ports above it are used.
set -u

ROOT=$(cd "$(dirname "$0")/.." && pwd)
BUILD=$(realpath -m "${BUILD:-$ROOT/build}")
PORT_BASE=${PORT_BASE:-21000}
MOST_SECONDS=840

only='' servers=plain,tuned,ours dir='' profile='' seconds=4 out=''

die() {
	echo "bench: $*" >&2
	exit 1
}

while [ $# -gt 0 ]; do
	case $1 in
	--only) only=${2:?}; shift ;;
	--servers) servers=${2:?}; shift ;;
	--dir) dir=${2:?}; shift ;;
	--seconds) seconds=${2:?}; shift ;;
	--out) out=${2:?}; shift ;;
	--profile) profile=yes ;;
	*) die "$1: unknown; see the head of bench/run.sh" ;;
	esac
	shift
done
[ -z "$profile" ] || [ -n "$dir" ] || die "--profile needs --dir"
if [ -z "$out" ]; then
	out=$ROOT/bench/RESULTS.md
	[ -z "$only" ] && [ "$servers" = plain,tuned,ours ] || out=-
fi

# shellcheck source=/dev/null
. "$ROOT/bench/group.sh"
# shellcheck source=/dev/null
. "$ROOT/bench/server_dovecot.sh"
# shellcheck source=/dev/null
. "$ROOT/bench/server_ours.sh"

LOADGEN=$BUILD/bench/loadgen
[ -x "$LOADGEN" ] || die "$LOADGEN is missing: make bench-tools"

# The generated mail stays beside the programs, and each server gets names of its
# own for the same files: making, and above all deleting, 115,000 files can take
# minutes. Where Dovecot's mail user cannot go, everything is below TMPDIR.
place=$BUILD/bench
if [ "$(id -u)" -eq 0 ] && ! setpriv --reuid=65534 --clear-groups test -x "$place"; then
	place=$(mktemp -d "${TMPDIR:-/tmp}/posthouse-bench.XXXXXX")
	trap 'rm -rf "$place"' EXIT
	chmod 755 "$place"
fi
if [ -n "$dir" ]; then
	mkdir -p "$dir"
	WORK=$(realpath "$dir")
else
	WORK=$(mktemp -d "$place/run.XXXXXX")
fi
chmod 755 "$WORK"
results=$WORK/results.$$

# give_mail DIR: the generated mail as DIR/mail, unless it is there already.
give_mail() {
	[ ! -e "$1/mail.complete" ] || return 0
	if [ ! -e "$place/mail.complete" ] || [ "$place/mail.complete" -ot "$BUILD/bench/genmail" ]; then
		rm -rf "$place/mail"
		"$BUILD/bench/genmail" "$place/mail" || die "cannot generate mail"
		touch "$place/mail.complete"
	fi
	cp -al "$place/mail" "$1/mail.new" 2>/dev/null || cp -a "$place/mail" "$1/mail.new" || die "no room for mail"
	rmdir "$1/mail" 2>/dev/null
	mv "$1/mail.new" "$1/mail"
	touch "$1/mail.complete"
}

finish() {
	group_close
	restore_inotify
	[ -n "$dir" ] && rm -f "$results"
	[ -n "$dir" ] || rm -rf "$WORK"
	[ "$place" = "$BUILD/bench" ] || rm -rf "$place"
}
trap finish EXIT
trap 'exit 130' INT TERM

listens() {
	(: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# The next number, from PORT_BASE on, above which all the ports we use are free:
# whoever else runs here must not be what is measured.
free_base() {
	local base port
	for base in $(seq "$PORT_BASE" 37 30000); do
		for port in 110 143 993 995 1110 1143 1993 1995; do
			listens $((base + port)) && continue 2
		done
		echo "$base"
		return
	done
	die "no free ports between $PORT_BASE and 30000"
}

await_port() {
	local i
	for i in $(seq 100); do
		kill -0 "$group_pid" 2>/dev/null || die "$server ended at once; see the logs in $WORK (--dir keeps them)"
		listens "$1" && return
		sleep 0.1
	done
	die "nothing listens on port $1; see the logs in $WORK (--dir keeps them)"
}

# pick_server NAME: its directory, its ports, and the functions prefix_* that know it.
pick_server() {
	local base
	base=$(free_base) || exit 1
	server=$1 home=$WORK/$1
	case $1 in
	plain) prefix=dovecot ;;
	tuned) prefix=dovecot ;;
	ours) prefix=ours ours_base=$base ;;
	*) die "$1: not a server (plain, tuned, ours)" ;;
	esac
	imap_port=$((base + 143)) imaps_port=$((base + 993))
	pop3_port=$((base + 110)) pop3s_port=$((base + 995))
	mkdir -p "$home"
	"${prefix}_prepare" "$home" "$1"
}

start_server() {
	group_open "$server"
	"${prefix}_start" "$home"
}

# Some servers cannot do everything; results say so and why.
cannot() {
	case $server/$1 in
	plain/idle-5000) echo "two processes per connection: 1,000 sessions tell as much" ;;
	ours/pop3-*) listens "$pop3_port" || echo "the server has no POP3" ;;
	esac
}

profile_begin() {
	[ -n "$profile" ] || return 0
	# shellcheck disable=SC2046  # a list of pids
	perf record -q -F 999 -g -o "$WORK/$server-$1.perf" -p "$(group_members | paste -sd,)" 2>/dev/null &
	profiler=$!
}

profile_end() {
	[ -n "$profile" ] || return 0
	kill -INT "$profiler" 2>/dev/null
	wait "$profiler" 2>/dev/null
	perf report -i "$WORK/$server-$1.perf" --stdio --no-children -g none --percent-limit 0.7 \
		--sort comm,dso,symbol >"$WORK/$server-$1.profile" 2>/dev/null
}

measure() {
	local scenario=$1 reason line errors=$WORK/errors.$$
	reason=$(cannot "$scenario")
	[ $SECONDS -lt $MOST_SECONDS ] || reason='no time left'
	if [ -n "$reason" ]; then
		echo "$server $scenario skipped=$reason" | tee -a "$results" >&2
		return
	fi
	profile_begin "$scenario"
	if line=$("$LOADGEN" --port="$imap_port" --tls-port="$imaps_port" --pop3-port="$pop3_port" \
		--pop3s-port="$pop3s_port" --cost="$(group_cost)" --mail="$("${prefix}_mail" "$home")" \
		--seconds="$seconds" "$scenario" 2>"$errors"); then
		echo "$server $line" | tee -a "$results" >&2
	else
		echo "$server $scenario failed=$(tail -n 1 "$errors" | grep . || echo "loadgen crashed")" |
			tee -a "$results" >&2
	fi
	profile_end "$scenario"
	rm -f "$errors"
}

# What a server still holds of earlier scenarios counts, unless it is started
# afresh: for memory, and for watchers, where a pool of processes left over from
# thousands of sessions would stand in the way. Cold: nothing is left of what it
# knew but the mail.
renew_server() {
	case $1 in
	idle-* | notice-append | append | *-cold) ;;
	*) return ;;
	esac
	group_close
	case $1 in *-cold) "${prefix}_forget" "$home" ;; esac
	start_server
}

scenarios=$("$LOADGEN" --list | cut -f 1)
[ -z "$only" ] || scenarios=${only//,/ }
[ -e "$WORK/cert.pem" ] || "$ROOT/tools/make-cert.sh" "$WORK/cert.pem"
: >"$results"

for name in ${servers//,/ }; do
	[ "$name" = ours ] || command -v dovecot >/dev/null || die "Dovecot is not installed: tools/deps.sh bench"
	pick_server "$name"
	start_server
	for scenario in $scenarios; do
		renew_server "$scenario"
		measure "$scenario"
	done
	group_close
done
/usr/bin/python3 "$ROOT/bench/report.py" "$results" "$group_kind" >"$WORK/report.$$" || die "no report"
if [ "$out" = - ]; then cat "$WORK/report.$$"; else cat "$WORK/report.$$" >"$out"; fi
rm -f "$WORK/report.$$"
