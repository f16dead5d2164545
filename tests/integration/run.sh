#!/bin/sh
# The integration tests: real services, real Redis, real mail clients.
#	usage: run.sh [pytest arguments]
cd "$(dirname "$0")/../.." || exit 1
exec /usr/bin/python3 -m pytest -q -rs -p no:cacheprovider --durations=8 tests/integration "$@"
