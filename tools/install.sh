#!/bin/sh
# Install programs, modules, manual pages, units and scripts.	usage: install.sh BUILD DESTDIR PREFIX [APART]
#
# With PREFIX /usr or /usr/local, settings are in /etc/posthouse; with any other, everything is below it, so that a copy of
# it is a backup. An operator's settings are not touched here: what is new is put beside as NAME.conf.dist,
# and `make install-configure` takes it over. APART names modules of authsvc to leave out, which are packaged apart.
set -eu
build=$1 dest=$2 prefix=$3 apart=${4:-}
. tools/install-paths.sh

put() {	# MODE FILE TO: with the paths of this installation
	install -d "$dest${3%/*}"
	sed -e "s|@ETC@|$etc|g; s|@RUN@|$run|g; s|@LOG@|$log|g; s|@SBIN@|$prefix/sbin|g; s|@BIN@|$prefix/bin|g" \
		-e "s|@LIBEXEC@|$libexec|g; s|@UNITS@|$units|g; s|@MAIL@|$mail|g" \
		-e "s|@SYSUSERS@|$prefix/lib/sysusers.d/posthouse.conf|g" "$2" >"$dest$3.new"
	chmod "$1" "$dest$3.new"
	mv "$dest$3.new" "$dest$3"
}

install -d "$dest$prefix/sbin" "$dest$prefix/bin" "$dest$etc" "$dest$prefix/share/doc/posthouse" "$dest$libexec"
for service in $services; do
	install -m 755 "$build/bin/posthouse-$service" "$dest$prefix/sbin/"
	"$build/bin/posthouse-$service" --print-conf >"$dest$etc/$service.conf.dist"
done
"$build/bin/posthousectl" --print-conf >"$dest$etc/posthousectl.conf.dist"
for tool in "$build"/bin/*; do
	case ${tool##*/} in
	posthouse-*) ;;
	*) install -m 755 "$tool" "$dest$prefix/bin/" ;;
	esac
done
install -d "$dest$prefix/lib/posthouse"
for module in "$build"/lib/posthouse/auth-*.so; do
	name=${module##*/auth-}
	case " $apart " in *" ${name%.so} "*) continue ;; esac
	[ ! -e "$module" ] || install -m 644 "$module" "$dest$prefix/lib/posthouse/"
done
for page in docs/man/*.[1-9]; do
	section=${page##*.}
	install -d "$dest$prefix/share/man/man$section"
	install -m 644 "$page" "$dest$prefix/share/man/man$section/"
done
install -d "$dest$prefix/share/bash-completion/completions" "$dest$prefix/share/zsh/site-functions"
install -m 644 tools/completion/posthousectl.bash "$dest$prefix/share/bash-completion/completions/posthousectl"
install -m 644 tools/completion/_posthousectl "$dest$prefix/share/zsh/site-functions/"
install -m 644 README.md LICENSE docs/hosts.md "$dest$prefix/share/doc/posthouse/"

install -m 755 tools/make-keys.sh tools/make-cert.sh tools/make-rpc-cert.sh "$dest$libexec/"
put 755 deploy/host/posthouse "$prefix/sbin/posthouse"
put 644 deploy/host/posthouse.conf "$etc/posthouse.conf.dist"
for service in imapd pop3d; do
	put 755 deploy/host/mkcert "$prefix/bin/mk${service}cert"
	put 644 "deploy/host/$service.cnf" "$etc/$service.cnf.dist"
done
put 755 deploy/host/posthouse.init "$prefix/share/posthouse/posthouse.init"
for unit in deploy/systemd/*.service deploy/systemd/*.target; do
	put 644 "$unit" "$units/${unit##*/}"
done
for drop_in in deploy/systemd/system-accounts/*; do
	put 644 "$drop_in" "$prefix/share/posthouse/system-accounts/${drop_in##*/}"
done
for page in docs/formats/*.md; do
	put 644 "$page" "$prefix/share/doc/posthouse/formats/${page##*/}"
done
put 644 deploy/ldap/posthouse.schema "$prefix/share/posthouse/ldap/posthouse.schema"
put 644 deploy/systemd/posthouse.sysusers "$prefix/lib/sysusers.d/posthouse.conf"
put 644 deploy/systemd/posthouse.tmpfiles "$prefix/lib/tmpfiles.d/posthouse.conf"
for sql in deploy/sql/*.sql; do
	put 644 "$sql" "$prefix/share/posthouse/sql/${sql##*/}"
done
# PAM's files for logins, where there is PAM and they are not.
# Outside the prefix only for an installation of the system.
case $prefix in
/usr | /usr/local) pam=$dest/etc/pam.d ;;
*) pam= ;;
esac
if [ -z "$pam" ]; then
	for page in imap pop3; do
		put 644 "deploy/host/pam.d/$page" "$prefix/share/posthouse/pam.d/$page"
	done
elif [ -d "$pam" ]; then
	for page in imap pop3; do
		[ -e "$pam/$page" ] || install -m 644 "deploy/host/pam.d/$page" "$pam/$page"
	done
fi
echo "Installed below $dest$prefix. Next: make install-configure, then look through $dest$etc/*.conf"
