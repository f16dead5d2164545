"""Behind a proxy: the PROXY header from listed networks, by hand and by HAProxy."""

import shutil
import socket
import ssl
import struct
import subprocess
import time

import pytest

from certificates import Authority
from frontends import free_ports
from imap import Imap

V1 = b"PROXY TCP4 192.0.2.1 198.51.100.1 40000 143\r\n"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
CLIENT_SSL, CLIENT_CERTIFICATE = 1, 2


def tlv(kind, value):
    return struct.pack("!BH", kind, len(value)) + value


def v2(source="192.0.2.1", port=40000, fields=b"", command=0x21):
    addresses = socket.inet_aton(source) + socket.inet_aton("198.51.100.1") + struct.pack("!HH", port, 143)
    return SIGNATURE + struct.pack("!BBH", command, 0x11, len(addresses + fields)) + addresses + fields


def tls_fields(version=b"TLSv1.3", name=None, verify=0):
    """`name`: common name of the client's certificate; `verify`: what the proxy found wrong with it."""
    client = CLIENT_SSL | (CLIENT_CERTIFICATE if name else 0)
    more = tlv(0x22, name.encode()) if name else b""
    return tlv(0x20, struct.pack("!BI", client, verify) + tlv(0x21, version) + more)


def connect(port, header, tls=False):
    c = Imap(port, greet=False)
    c.send(header)
    if tls:
        c.wrap()
        c.file = c.socket.makefile("rb")
    c.greeting = c.read()
    return c


def is_refused(port, header=b""):
    """Closed without a word."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as s:
        s.sendall(header)
        try:
            return s.recv(100) == b""
        except ConnectionResetError:
            return True


@pytest.fixture
def behind(frontend):
    return frontend(PROXY_NETWORKS="127.0.0.0/8", PROXY_TIMEOUT="30s", MAXPERIP="2", TLS_EXTERNAL="commonname")


def test_the_client_is_who_the_header_says(behind, account):
    c = connect(behind.imap, V1)
    tagged, _ = c.command(f"LOGIN {account} secret")
    assert tagged.status == b"NO", "192.0.2.1 is no loopback address: no password without TLS"
    c.starttls()
    c.login(account, "secret")
    behind.logged(rf"imap: login of {account} from 192\.0\.2\.1 port 40000, TLSv1\.3")
    c.logout()


@pytest.mark.parametrize("header", [V1, v2()], ids=["v1", "v2"])
def test_tls_from_the_start_follows_the_header(behind, account, header):
    c = connect(behind.imaps, header, tls=True)
    c.login(account, "secret")
    behind.logged(rf"imap: login of {account} from 192\.0\.2\.1 port 40000, TLS")
    c.logout()


def test_header_that_comes_in_pieces(behind):
    c = Imap(behind.imap, greet=False)
    for i in range(0, len(V1), 5):
        c.send(V1[i:i + 5])
        time.sleep(0.01)
    assert b"IMAP4rev1" in c.read().line
    c.close()


def test_tls_that_the_proxy_has_ended(behind, account):
    c = connect(behind.imap, v2(fields=tls_fields()))
    capabilities = c.ok("CAPABILITY")[0].line
    assert b"LOGINDISABLED" not in capabilities and b"STARTTLS" not in capabilities
    tagged, _ = c.command("STARTTLS")
    assert tagged.status == b"BAD"
    c.login(account, "secret")
    behind.logged(rf"login of {account} from 192\.0\.2\.1 port 40000, TLSv1\.3")
    c.logout()


def test_a_certificate_that_the_proxy_has_checked(frontend, account):
    one = frontend(PROXY_NETWORKS="127.0.0.0/8", TLS_EXTERNAL="CommonName", TLS_CERTFILE="", IMAPS_LISTEN="", POP3S_LISTEN="")
    c = connect(one.imap, v2(fields=tls_fields(name=account)))
    assert b"AUTH=EXTERNAL" in c.ok("CAPABILITY")[0].line
    c.ok("AUTHENTICATE EXTERNAL =")
    c.logout()
    for fields in (tls_fields(name=account, verify=1), tls_fields()):
        c = connect(one.imap, v2(fields=fields))
        assert b"AUTH=EXTERNAL" not in c.ok("CAPABILITY")[0].line
        tagged, _ = c.command("AUTHENTICATE EXTERNAL =")
        assert tagged.status == b"NO"
        c.logout()
    another = frontend(PROXY_NETWORKS="127.0.0.0/8", TLS_EXTERNAL="emailaddress")
    c = connect(another.imap, v2(fields=tls_fields(name=account)))
    assert b"AUTH=EXTERNAL" not in c.ok("CAPABILITY")[0].line, "a common name is no address"
    c.logout()


def test_no_header_no_service(behind):
    assert is_refused(behind.imap, b"a LOGIN alice alice-demo\r\n")
    assert is_refused(behind.imaps, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    assert is_refused(behind.pop3, b"PROXY TCP4 192.0.2.1 198.51.100.1 40000\r\n")
    behind.logged("refused: it did not begin with a PROXY header")


def test_a_header_has_to_come_in_time(frontend):
    one = frontend(PROXY_NETWORKS="127.0.0.0/8", PROXY_TIMEOUT="500ms")
    begun = time.monotonic()
    assert is_refused(one.imap), "a silent one"
    assert is_refused(one.imap, V1[:20]), "and one that stops in the middle"
    assert time.monotonic() - begun > 0.8
    one.logged("refused: no PROXY header came in time")


def test_a_header_from_elsewhere_is_no_header(frontend):
    one = frontend(PROXY_NETWORKS="10.0.0.0/8")
    c = connect(one.imap, V1)
    assert b"IMAP4rev1" in c.greeting.line
    assert c.read().status == b"BAD"
    c.login("alice", "alice-demo")		# as from 127.0.0.1, which it is
    c.logout()


def test_limits_are_the_clients_not_the_proxys(behind):
    clients = [connect(behind.imap, v2(f"192.0.2.{n // 2}")) for n in range(8)]
    assert all(c.greeting.line.startswith(b"* OK") for c in clients)
    third = connect(behind.imap, v2("192.0.2.1"))
    assert third.greeting.line.startswith(b"* BYE [UNAVAILABLE]")
    for c in clients + [third]:
        c.close()


def test_the_proxys_own_connections(behind):
    for header in (v2(command=0x20), SIGNATURE + b"\x20\0\0\0", b"PROXY UNKNOWN\r\n"):
        c = connect(behind.imap, header)
        c.login("alice", "alice-demo")
        c.logout()
    behind.logged(r"login of alice from 127\.0\.0\.1 port")


# --- HAProxy ----------------------------------------------------------------------------------

HAPROXY = """
global
    maxconn 100
defaults
    mode tcp
    timeout connect 5s
    timeout client 60s
    timeout server 60s
listen version1
    bind 127.0.0.1:{v1}
    server one 127.0.0.1:{imap} send-proxy
listen version2
    bind 127.0.0.1:{v2}
    server one 127.0.0.1:{imap} send-proxy-v2 check inter 200ms
listen version2_through
    bind 127.0.0.1:{through}
    server one 127.0.0.1:{imaps} send-proxy-v2
listen version2_tls
    bind 127.0.0.1:{tls} ssl crt {pem} alpn imap ca-file {ca} verify optional
    server one 127.0.0.1:{imap} send-proxy-v2-ssl-cn proxy-v2-options ssl,cert-cn,crc32c,unique-id,authority
listen status
    bind 127.0.0.1:{status}
    mode http
    stats enable
    stats uri /
"""


class HaProxy:
    def __init__(self, frontend, folder, authority):
        names = ("v1", "v2", "through", "tls", "status")
        self.ports = dict(zip(names, free_ports(len(names))))
        config, pem = folder / "haproxy.cfg", authority.issue("mail.example.test")
        config.write_text(HAPROXY.format(imap=frontend.imap, imaps=frontend.imaps, pem=pem, ca=authority.pem, **self.ports))
        self.process = subprocess.Popen([shutil.which("haproxy") or "/usr/sbin/haproxy", "-db", "-f", str(config)])
        deadline = time.monotonic() + 10
        while is_closed_port(self.ports["status"]):
            assert self.process.poll() is None and time.monotonic() < deadline, "haproxy did not start"
            time.sleep(0.02)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)

    def check(self):
        """What it thinks of the server it checks: the CSV's status and the check's result."""
        with socket.create_connection(("127.0.0.1", self.ports["status"]), timeout=5) as s:
            s.sendall(b"GET /;csv HTTP/1.0\r\n\r\n")
            lines = s.makefile().read().splitlines()
        head = next(line for line in lines if line.startswith("# ")).removeprefix("# ").split(",")
        row = next(line for line in lines if line.startswith("version2,one")).split(",")
        return row[head.index("status")], row[head.index("check_status")]


def is_closed_port(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) != 0


def connect_from(source, port, context=None):
    """A client whose address is not the proxy's."""
    c = Imap.__new__(Imap)
    c.socket = socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(source, 0))
    c.port = c.socket.getsockname()[1]
    if context:
        c.socket = context.wrap_socket(c.socket, server_hostname="localhost")
    c.file, c.count = c.socket.makefile("rb"), 0
    c.greeting = c.read()
    return c


def any_server(alpn="imap"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols([alpn])
    return context


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def haproxy(behind, tmp_path, authority):
    one = HaProxy(behind, tmp_path, authority)
    yield one
    one.stop()


def test_through_haproxy(behind, haproxy, account):
    cases = [("v1", None, "no TLS"), ("v2", None, "no TLS"), ("through", any_server(), r"TLSv1\.3"),
             ("tls", any_server(), r"TLSv1\.3")]
    for n, (way, context, told) in enumerate(cases):
        source = f"127.0.1.{n + 1}"
        c = connect_from(source, haproxy.ports[way], context)
        c.login(account, "secret")
        behind.logged(rf"login of {account} from {source} port {c.port}, {told}")
        assert c.append("INBOX", b"Subject: x\r\n\r\n" + b"x" * 70 * 1000 + b"\r\n")
        c.logout()


def test_a_certificate_that_haproxy_has_checked(behind, haproxy, authority, account):
    context = any_server()
    context.load_cert_chain(authority.issue("person", subject=f"/CN={account}", alternative="", usage="clientAuth"))
    c = connect_from("127.0.2.1", haproxy.ports["tls"], context)
    c.ok("AUTHENTICATE EXTERNAL =")
    behind.logged(rf"login of {account} from 127\.0\.2\.1 port {c.port}, TLSv1\.3")
    c.logout()
    c = connect_from("127.0.2.1", haproxy.ports["tls"], any_server())
    assert b"AUTH=EXTERNAL" not in c.ok("CAPABILITY")[0].line
    c.logout()


def test_haproxys_checks_find_it_well(behind, haproxy):
    own = 'posthouse_proxy_headers_total{header="none"}'	# LOCAL
    deadline = time.monotonic() + 10
    while (found := (haproxy.check(), behind.metric(own) > 0)) != (("UP", "L4OK"), True):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    assert "refused" not in behind.log_text()
