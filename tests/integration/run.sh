#!/bin/sh
# The integration tests: real services, real Redis, real mail clients.
#	usage: run.sh [FILE ...] [pytest arguments]
cd "$(dirname "$0")/../.." || exit 1
case ${1:-} in
tests/*) ;;
*) set -- tests/integration "$@" ;;
esac
exec /usr/bin/python3 -m pytest -q -rs -p no:cacheprovider --durations=8 "$@"
