#!/bin/sh
# Install the Debian packages listed in /var/lib/posthouse/packages, and leave nothing else behind.
set -eu
export DEBIAN_FRONTEND=noninteractive
if [ -s /var/lib/posthouse/packages ]; then
	apt-get update -q
	xargs apt-get install -q -y --no-install-recommends </var/lib/posthouse/packages
fi
rm -rf /var/lib/posthouse /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/*
