#!/bin/bash
# 'make run' as README's reader meets it: it starts, README's first session works, Ctrl-C ends it.
set -eum	# -m: a process group of its own, in which SIGINT is not ignored
cd "$(dirname "$0")/../.."

log=$(mktemp)
make run >"$log" 2>&1 &
run=$!
waited=0
until grep -q '^Posthouse is running' "$log"; do
	kill -0 "$run" 2>/dev/null || { tail -n 40 "$log"; echo "first run: 'make run' ended"; exit 1; }
	waited=$((waited + 1))
	[ "$waited" -lt 1800 ] || { tail -n 40 "$log"; echo "first run: not running after half an hour"; exit 1; }
	sleep 1
done
/usr/bin/python3 tests/fresh/first_session.py
/usr/bin/make user NAME=carol PASS=secret

# As a terminal sends it: to everything in the foreground.
kill -INT -- "-$run"
wait "$run" 2>/dev/null || true
left=
for program in /proc/[0-9]*/exe; do
	case $(readlink "$program" 2>/dev/null) in */build/bin/posthouse-*) left="$left $program" ;; esac
done
[ -z "$left" ] || { echo "first run: left behind after Ctrl-C: $left"; exit 1; }
echo "first run: started, served README's first session, stopped"
