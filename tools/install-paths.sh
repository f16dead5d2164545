# shellcheck shell=sh
# Where things go, for install.sh and install-configure.sh; from $prefix.
services="storesvc authsvc outboxsvc frontend"
case $prefix in
/usr | /usr/local)
	etc=/etc/posthouse run=/run/posthouse log=/var/log/posthouse mail=/var/mail/posthouse
	;;
*)
	etc=$prefix/etc run=$prefix/var/run log=$prefix/var/log mail=$prefix/var/mail
	;;
esac
libexec=$prefix/lib/posthouse/libexec
units=$prefix/lib/systemd/system
