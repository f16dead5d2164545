#!/bin/sh
# The Kubernetes manifests: each overlay renders, every object is one of Kubernetes', and what belongs together does.
#	usage: lint-k8s.sh
set -u
cd "$(dirname "$0")/.."
checker=tools/lint-k8s
status=0

complain() {
	echo "lint: $*"
	status=1
}

command -v npm >/dev/null || { echo "lint: npm is not installed (tools/deps.sh lint)"; exit 1; }
command -v kubectl >/dev/null || { echo "lint: kubectl 1.27 or later is not installed: no manifest was checked"; exit 1; }
modules=${BUILD:-build}/lint-k8s
mkdir -p "$modules"
cp "$checker/package.json" "$checker/package-lock.json" "$checker/validate.js" "$modules/"
[ -d "$modules/node_modules" ] && [ "$modules/node_modules" -nt "$checker/package-lock.json" ] ||
	(cd "$modules" && npm ci --silent --no-audit --no-fund && touch node_modules) || complain "npm cannot install $checker"

secrets=$(mktemp -d)
deploy/k8s/make-secrets.sh "$secrets" >"$secrets/secrets.yaml" || complain "make-secrets.sh fails"
node "$modules/validate.js" secrets <"$secrets/secrets.yaml" || status=1
made=$(sed -n 's/^  name: //p' "$secrets/secrets.yaml")

node "$modules/validate.js" posthousectl <deploy/k8s/posthousectl.yaml || status=1

settings=$(sed -n 's/^| `\([A-Z0-9_]*\)` .*/\1/p' docs/settings.md)
for overlay in dev production; do
	rendered=$secrets/$overlay.yaml
	kubectl kustomize "deploy/k8s/overlays/$overlay" >"$rendered" 2>"$secrets/said" || complain "$overlay does not render"
	[ ! -s "$secrets/said" ] || complain "$overlay: $(cat "$secrets/said")"
	node "$modules/validate.js" "$overlay" <"$rendered" || status=1
	# Secrets that are asked for are made; settings are ours.
	for name in $(sed -n 's/.*secretName: //p' "$rendered" | sort -u); do
		echo "$made" | grep -qx "$name" || complain "$overlay wants the Secret $name, which make-secrets.sh does not make"
	done
	for name in $(sed -n 's/^  \([A-Z0-9_]*\): .*/\1/p' "$rendered" | sort -u); do
		echo "$settings" | grep -qx "$name" || complain "$overlay: $name is no setting (docs/settings.md)"
	done
done
rm -rf "$secrets"
exit "$status"
