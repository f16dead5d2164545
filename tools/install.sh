#!/bin/sh
# Install programs, manual pages and settings.	usage: install.sh BUILD DESTDIR PREFIX
# Settings in /etc/posthouse are never touched: new ones are put beside as NAME.conf.dist.
set -eu
build=$1 dest=$2 prefix=$3
etc=/etc
[ "$prefix" = /usr ] || [ "$prefix" = /usr/local ] || etc=$prefix/etc

install -d "$dest$prefix/sbin" "$dest$prefix/bin" "$dest$etc/posthouse" "$dest$prefix/share/doc/posthouse"
for service in frontend authsvc storesvc outboxsvc; do
	install -m 755 "$build/bin/posthouse-$service" "$dest$prefix/sbin/"
	"$build/bin/posthouse-$service" --print-conf >"$dest$etc/posthouse/$service.conf.dist"
done
"$build/bin/posthousectl" --print-conf >"$dest$etc/posthouse/posthousectl.conf.dist"
for tool in "$build"/bin/*; do
	case ${tool##*/} in
	posthouse-*) ;;
	*) install -m 755 "$tool" "$dest$prefix/bin/" ;;
	esac
done
install -d "$dest$prefix/lib/posthouse"
for module in "$build"/lib/posthouse/auth-*.so; do
	[ ! -e "$module" ] || install -m 644 "$module" "$dest$prefix/lib/posthouse/"
done
for page in docs/man/*.[1-9]; do
	[ -e "$page" ] || continue
	section=${page##*.}
	install -d "$dest$prefix/share/man/man$section"
	install -m 644 "$page" "$dest$prefix/share/man/man$section/"
done
install -m 644 README.md LICENSE "$dest$prefix/share/doc/posthouse/"
echo "Installed below $dest$prefix; settings to copy and edit: $dest$etc/posthouse/*.conf.dist"
