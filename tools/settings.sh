#!/bin/sh
# The settings reference, made from the services' own tables.
#	usage: settings.sh BUILD >docs/settings.md
set -eu
build=$1
cat <<'TOP'
# Settings

Made by `make docs` from the tables in each service's source. A setting is read from
`/etc/posthouse/SERVICE.conf` (or `--config=FILE`), overridden by the environment variable of the same
name, overridden by `--name=value` on the command line. A name or a value that is wrong refuses the start and
says where it stands. Sizes take K, M, G; times take ms, s, m, h, d.
TOP
for service in frontend authsvc storesvc outboxsvc posthousectl; do
	program=$build/bin/posthouse-$service
	[ "$service" != posthousectl ] || program=$build/bin/posthousectl
	printf '\n## %s\n\n| setting | default | meaning |\n| --- | --- | --- |\n' "$service"
	"$program" --print-conf | awk '
		/^##NAME: / { name = $2; text = ""; next }
		/^#$/ { next }
		index($0, "#" name "=") == 1 {
			value = substr($0, length(name) + 3)
			gsub(/\|/, "\\|", text); gsub(/\|/, "\\|", value)
			printf "| `%s` | %s | %s |\n", name, value == "" ? "" : "`" value "`", text
			next
		}
		/^# / { text = text (text == "" ? "" : " ") substr($0, 3) }'
done
