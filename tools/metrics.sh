#!/bin/sh
# The reference of metrics, made from the services' own tables.
#	usage: metrics.sh BUILD >docs/metrics.md
set -eu
build=$1
cat <<'TOP'
# Metrics

Made by `make docs` from the tables in each service's source. Each service serves `/metrics` on the addresses of
its setting `HTTP_LISTEN`, as OpenMetrics to whoever accepts that, else in Prometheus's older text format; `/healthz`
(200 while the process answers) and `/readyz` (200 or 503, and what is missing; a second line, `degraded: `, tells what a service
works without, such as Redis) are there as well. `make run` uses the ports
PORT_BASE + 901 and + 1901 for the two frontends, + 902 for authsvc, + 903 for storesvc and + 904 for outboxsvc.

Labels hold words from our own tables, never what a client wrote, and no metric has more than 256 series. Histograms
have buckets from 0.1 ms to 10 s.
TOP
for service in frontend authsvc storesvc outboxsvc; do
	printf '\n## %s\n\n| metric | kind | labels | meaning |\n| --- | --- | --- | --- |\n' "$service"
	"$build/bin/posthouse-$service" --print-metrics |
		awk -F '\t' '{ printf "| `%s` | %s | %s | %s |\n", $1, $2, $3, $4 }'
done
