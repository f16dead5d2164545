"""A real directory of a test's own: slapd on loopback, with StartTLS, stopped by process id."""

import os
import shutil
import signal
import socket
import subprocess

import pytest

from conftest import ROOT
from databases import Server

SCHEMAS = "/etc/ldap/schema"
SUFFIX = "dc=example,dc=test"
READER, READER_PASSWORD = f"cn=authsvc,{SUFFIX}", "reader's own"

CONFIG = """
include {schemas}/core.schema
include {schemas}/cosine.schema
include {schemas}/nis.schema
include {schemas}/inetorgperson.schema
include {root}/deploy/ldap/posthouse.schema
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
database mdb
suffix "{suffix}"
rootdn "cn=root,{suffix}"
rootpw root
directory {folder}/data
dbnosync
index mail eq
access to attrs=userPassword,posthouseClearPassword
	by dn.exact="{reader}" write
	by self write
	by anonymous auth
	by * none
access to *
	by dn.exact="{reader}" read
	by self read
	by * none
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Slapd(Server):
    stop_signal = signal.SIGTERM

    def __init__(self, folder):
        if not shutil.which("slapd", path="/usr/sbin"):
            pytest.skip("slapd is not installed (tools/deps.sh test)")
        super().__init__(folder, None)
        self.port, self.tls_port = free_port(), free_port()
        (folder / "data").mkdir()
        self.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                 "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                 "-keyout", "server.key", "-out", "server.pem")
        (folder / "conf").write_text(CONFIG.format(schemas=SCHEMAS, root=ROOT, folder=folder, suffix=SUFFIX, reader=READER))
        self.add(f"""
dn: {SUFFIX}
objectClass: domain
dc: example

dn: {READER}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: authsvc
userPassword: {READER_PASSWORD}

dn: ou=people,{SUFFIX}
objectClass: organizationalUnit
ou: people

dn: ou=addresses,{SUFFIX}
objectClass: organizationalUnit
ou: addresses
""")

    def add(self, ldif):
        """Entries, while it does not run."""
        self.run("/usr/sbin/slapadd", "-q", "-f", "conf", stdin=None, input=ldif)

    def argv(self):
        return ["/usr/sbin/slapd", "-f", "conf", "-d", "0", "-h",
                f"ldap://127.0.0.1:{self.port} ldaps://127.0.0.1:{self.tls_port}"]

    def answers(self):
        return subprocess.run(["ldapwhoami", "-x", "-H", f"ldap://127.0.0.1:{self.port}"], check=False,
                              capture_output=True, env=dict(os.environ, LDAPNOINIT="1")).returncode == 0

    def settings(self):
        return {"LDAP_URI": f"ldap://127.0.0.1:{self.port}", "LDAP_BASEDN": f"ou=people,{SUFFIX}", "LDAP_BINDDN": READER,
                "LDAP_BINDPW": READER_PASSWORD, "LDAPTLS_CACERT": f"{self.folder}/server.pem", "LDAP_TIMEOUT": "2"}


def person(name, mail, *more, uid=1001):
    """An entry below ou=people."""
    lines = [f"dn: uid={name},ou=people,{SUFFIX}", "objectClass: account", "objectClass: posixAccount",
             "objectClass: posthouseAccount", f"uid: {name}", f"cn: The {name}", f"mail: {mail}", f"uidNumber: {uid}",
             f"gidNumber: {uid + 1}", *more]
    if not any(line.startswith("homeDirectory:") for line in more):
        lines.append(f"homeDirectory: /srv/{name}")
    return "\n".join(lines) + "\n\n"
