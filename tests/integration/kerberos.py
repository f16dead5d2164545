"""A Kerberos realm of a test's own: MIT's krb5kdc on loopback, stopped by process id."""

import os
import shutil
import socket
import subprocess
import time

import pytest

from frontends import free_ports

REALM = "EXAMPLE.TEST"

KRB5_CONF = """
[libdefaults]
	default_realm = {realm}
	dns_lookup_kdc = false
	dns_lookup_realm = false
	dns_canonicalize_hostname = false
	rdns = false
	udp_preference_limit = 1
[realms]
	{realm} = {{
		kdc = 127.0.0.1:{port}
	}}
[domain_realm]
	localhost = {realm}
"""

KDC_CONF = """
[kdcdefaults]
	kdc_listen = ""
	kdc_tcp_listen = 127.0.0.1:{port}
[realms]
	{realm} = {{
		database_name = {folder}/principal
		key_stash_file = {folder}/stash
		acl_file = {folder}/acl
	}}
[logging]
	kdc = FILE:{folder}/kdc.log
"""


class Kdc:
    def __init__(self, folder, principals, services):
        """`principals`: names and passwords of people; `services`: "imap/localhost", whose keys go into .keytab."""
        if not shutil.which("krb5kdc", path="/usr/sbin"):
            pytest.skip("krb5kdc is not installed (tools/deps.sh test)")
        folder.mkdir()
        self.folder, self.keytab, self.port = folder, folder / "keytab", free_ports(1)[0]
        (folder / "krb5.conf").write_text(KRB5_CONF.format(realm=REALM, port=self.port))
        (folder / "kdc.conf").write_text(KDC_CONF.format(realm=REALM, port=self.port, folder=folder))
        self.environment = dict(os.environ, KRB5_CONFIG=str(folder / "krb5.conf"),
                                KRB5_KDC_PROFILE=str(folder / "kdc.conf"), KRB5RCACHENAME=f"dfl:{folder}/rcache")
        self.run("/usr/sbin/kdb5_util", "create", "-s", "-r", REALM, "-P", "master")
        for name, password in principals.items():
            self.admin(f"addprinc -pw {password} {name}")
        for name in services:
            self.admin(f"addprinc -randkey {name}")
            self.admin(f"ktadd -k {self.keytab} {name}")
        with open(folder / "out", "ab") as out:
            self.process = subprocess.Popen(["/usr/sbin/krb5kdc", "-n", "-r", REALM], env=self.environment,
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.await_answer()

    def run(self, *argv):
        subprocess.run(argv, check=True, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def admin(self, command):
        self.run("/usr/sbin/kadmin.local", "-r", REALM, "-q", command)

    def await_answer(self):
        deadline = time.monotonic() + 20
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                assert self.process.poll() is None and time.monotonic() < deadline, "krb5kdc does not answer"
                time.sleep(0.05)

    def ticket(self, name, password):
        """The environment of a program that is to be NAME."""
        cache = self.folder / f"cache.{name}"
        subprocess.run(["kinit", "-c", str(cache), f"{name}@{REALM}"], input=password + "\n", text=True, check=True,
                       env=self.environment, stdout=subprocess.DEVNULL)
        return dict(self.environment, KRB5CCNAME=f"FILE:{cache}")

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
