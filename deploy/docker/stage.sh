#!/bin/sh
# Sort what was installed into one tree for each image.	usage: stage.sh INSTALLED STAGE
#
# STAGE/NAME is what the image NAME gets, STAGE/NAME.packages the Debian packages that it needs:
# those of the libraries its programs are linked with, and those named here. STAGE/all.packages
# are the ones that every image needs; they are a layer that the images share.
set -eu
installed=$1 stage=$2

images="frontend storesvc outboxsvc authsvc tools"

# The packages that have the shared libraries of this program.
packages_of() {
	ldd "$1" | awk '$2 == "=>" && $3 ~ "^/" { print $3 }' | sort -u | while read -r library; do
		# Debian moved /lib into /usr, but packages may still list the files where they were.
		real=$(readlink -f "$library")
		dpkg -S "$real" 2>/dev/null || dpkg -S "${real#/usr}"
	done | cut -d: -f1 | sort -u
}

is_program() {
	[ "$(head -c 4 "$1" | tail -c 3)" = ELF ]
}

put() { # IMAGE FILE...
	image=$1
	shift
	: >"$stage/$image.packages"
	for file in "$@"; do
		install -D "$file" "$stage/$image${file#"$installed"}"
		if is_program "$file"; then
			strip --strip-unneeded "$stage/$image${file#"$installed"}"
			packages_of "$file" >>"$stage/$image.packages"
		fi
	done
}

mkdir -p "$stage"
put frontend "$installed/usr/sbin/posthouse-frontend"
put storesvc "$installed/usr/sbin/posthouse-storesvc"
put outboxsvc "$installed/usr/sbin/posthouse-outboxsvc"
put authsvc "$installed/usr/sbin/posthouse-authsvc" "$installed"/usr/lib/posthouse/auth-*.so
put tools "$installed"/usr/bin/*

# These talk TLS to servers elsewhere: directories, databases, relays.
echo ca-certificates >>"$stage/authsvc.packages"
echo ca-certificates >>"$stage/outboxsvc.packages"
echo openssl >>"$stage/tools.packages"

cd "$stage"
for image in $images; do
	sort -u -o "$image.packages" "$image.packages"
done
cp frontend.packages all.packages
for image in $images; do
	comm -12 all.packages "$image.packages" >both
	mv both all.packages
done
for image in $images; do
	comm -13 all.packages "$image.packages" >own
	mv own "$image.packages"
done
