#!/bin/bash
# Run deploy/docker/compose.yaml for real, and the tests against it.	usage: run.sh [pytest arguments]
#
# Ends with 69 when no container engine can be had. COMPOSE_TEST_DIR (default
# /tmp/posthouse-compose.UID) keeps the engine's images between runs, about 3 GB; it can be removed.
set -euo pipefail
cd "$(dirname "$0")/../.."

# shellcheck source=tests/compose/engine.sh
. tests/compose/engine.sh

dir=${COMPOSE_TEST_DIR:-/tmp/posthouse-compose.$(id -u)}
mkdir -p "$dir"
exec 9>"$dir/lock"
flock -n 9 || { echo "$dir is in use by another run"; exit 1; }

tools/deps.sh compose || { echo "compose: not run, its packages cannot be installed"; exit 69; }
trap engine_stop EXIT
engine_start "$dir" || { echo "compose: not run, there is no container engine"; exit 69; }
tests/compose/images.sh

export BUILD_NETWORK=host COMPOSE_DOCKER_CLI_BUILD=0 POSTHOUSE_TAG=test
docker-compose --project-directory deploy/docker -f deploy/docker/compose.yaml build >"$dir/build.log" 2>&1 ||
	{ tail -n 40 "$dir/build.log"; echo "compose: the images cannot be built, $dir/build.log"; exit 1; }
# What earlier builds left in the engine of our own; the last ones are the cache of the next.
[ -z "$engine_pid" ] || docker image prune --force --filter until=24h >/dev/null
docker images --format '{{.Repository}}:{{.Tag}} {{.Size}}' |
	awk '/^posthouse\/.*:test / { print "image:", $1, $2 }' | sort

/usr/bin/python3 -m pytest -q -rs -p no:cacheprovider --durations=8 tests/compose "$@"
