"""TLS as operators need it: certificates by name, renewed while people read; tickets; what scanners say."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time

import pytest

from certificates import Authority
from imap import Closed, Imap


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tls").mkdir()
    return tmp_path / "tls"


def client(authority, version=None, certificate=None):
    context = ssl.create_default_context(cafile=authority.pem)
    if version:
        context.minimum_version = context.maximum_version = version
    if certificate:
        context.load_cert_chain(certificate)
    return context


def shake(port, context, name="mail.example.test", **more):
    """A TLS connection that is checked to be for `name`."""
    plain = socket.create_connection(("127.0.0.1", port), timeout=20)
    return context.wrap_socket(plain, server_hostname=name, **more)


def names_shown(one, name):
    """Of the certificate that who asks for `name` is shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with shake(one.imaps, context, name) as s:
        shown = ssl.DER_cert_to_PEM_cert(s.getpeercert(binary_form=True))
    text = subprocess.run(["openssl", "x509", "-noout", "-ext", "subjectAltName"], input=shown,
                          check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"DNS:(\S+?)(?:,|\s|$)", text))


def s_client(one, *arguments, port=None, end=b"a LOGOUT\r\n"):
    command = ["openssl", "s_client", "-ign_eof", "-connect", f"127.0.0.1:{port or one.imaps}", *map(str, arguments)]
    done = subprocess.run(command, input=end, capture_output=True, timeout=30, check=False)
    return (done.stdout + done.stderr).decode(errors="replace")


# --- certificates -----------------------------------------------------------------------------


def test_certificates_by_name(frontend, authority, folder):
    shutil.copy(authority.issue("mail.example.test"), folder / "default.pem")
    shutil.copy(authority.issue("other.example.test"), folder / "default.pem.other.example.test")
    shutil.copy(authority.issue("wild", alternative="DNS:*.wild.test"), folder / "wild.pem")
    one = frontend(TLS_CERTFILE=f"{folder}/default.pem,{folder}/wild.pem")
    for name in ("mail.example.test", "other.example.test", "x.wild.test"):
        with shake(one.imaps, client(authority), name) as s:
            assert s.recv(100).startswith(b"* OK")
    c = Imap(one.imap)
    c.ok("STARTTLS")
    with client(authority).wrap_socket(c.socket, server_hostname="other.example.test") as s:
        s.sendall(b"a NOOP\r\n")
        assert s.recv(100).startswith(b"a OK")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(one.imaps, client(authority), "unknown.example.test")


def test_certificates_change_under_sessions(frontend, authority, folder, account):
    """As a mounted secret does: a symlink to a directory is replaced. And on SIGHUP."""
    for name in ("old", "new"):
        (folder / name).mkdir()
        shutil.copy(authority.issue(f"{name}.example.test"), folder / name / "tls.pem")
    (folder / "data").symlink_to("old")
    one = frontend(TLS_CERTFILE=f"{folder}/data/tls.pem")
    c = Imap(one.imaps, tls=True).login(account, "secret")
    assert names_shown(one, "new.example.test") == {"old.example.test"}
    (folder / "data.new").symlink_to("new")
    os.replace(folder / "data.new", folder / "data")
    one.logged(r"(?s)certificate loaded.*certificate loaded")
    assert names_shown(one, "new.example.test") == {"new.example.test"}
    shutil.copy(authority.issue("late.example.test"), folder / "new" / "tls.pem.late.example.test")
    one.reload()
    one.logged(r"certificate loaded from \S+tls\.pem\.late\.example\.test")
    assert names_shown(one, "late.example.test") == {"late.example.test"}
    (folder / "new" / "tls.pem").write_text("rubbish")
    one.reload()
    one.logged(r"level=error .*loading the certificate \S+tls.pem failed")
    assert names_shown(one, "new.example.test") == {"new.example.test"}
    c.ok("NOOP")
    c.logout()


@pytest.mark.parametrize("setting,value", [
    ("TLS_PROTOCOL", "SSLv3"), ("TLS_CERTFILE", "/nowhere.pem"), ("TLS_EXTERNAL", "shoe size"), ("TLS_GROUPS", "kind"),
    ("TLS_CIPHER_LIST", "nothing"), ("TLS_TICKET_KEYS", "/nowhere"), ("PROXY_NETWORKS", "10.0.0.0/33")])
def test_a_wrong_setting_is_named(frontend, setting, value):
    with pytest.raises(AssertionError, match=rf"level=error .*{value}"):
        frontend(**{setting: value})


# --- sessions that go on ------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_a_session_goes_on_at_another_frontend(frontend, folder, version):
    keys, ticket = folder / "tickets", folder / "ticket"
    keys.write_bytes(subprocess.run(["openssl", "rand", "-hex", "80"], check=True, capture_output=True).stdout)
    one, two, stranger = (frontend(TLS_TICKET_KEYS=str(keys)), frontend(TLS_TICKET_KEYS=str(keys)), frontend())
    assert "New, TLSv1" in s_client(one, version, "-sess_out", ticket)
    for where, how in ((two, "Reused, TLSv1"), (one, "Reused, TLSv1"), (stranger, "New, TLSv1")):
        assert how in s_client(where, version, "-sess_in", ticket)
    # Another key comes first; the one before still opens.
    fresh = subprocess.run(["openssl", "rand", "-hex", "80"], check=True, capture_output=True).stdout
    keys.write_bytes(fresh + keys.read_bytes())
    two.logged("ticket keys read from")
    assert "Reused, TLSv1" in s_client(two, version, "-sess_in", ticket)
    assert two.metric(f'posthouse_tls_handshakes_total{{version="TLSv1.{version[-1]}",resumed="yes"}}') == 2


# --- stapling -------------------------------------------------------------------------------------


def test_an_ocsp_response_is_stapled(frontend, authority, folder):
    pem = authority.issue("mail.example.test")
    shutil.copy(pem, folder / "tls.pem")
    one = frontend(TLS_CERTFILE=f"{folder}/tls.pem")
    asking = ("-status", "-servername", "mail.example.test")
    assert "OCSP response: no response sent" in s_client(one, *asking)
    authority.ocsp(pem, answer=folder / "tls.pem.ocsp")
    one.logged(r"(?s)certificate loaded.*certificate loaded")
    assert "Cert Status: good" in s_client(one, *asking)
    other = authority.issue("other.example.test")
    authority.ocsp(other, answer=folder / "tls.pem.ocsp")
    one.logged(r"tls\.pem\.ocsp is not about the certificate beside it; it is not sent")
    assert "OCSP response: no response sent" in s_client(one, *asking)


# --- clients' certificates --------------------------------------------------------------------------


def test_clients_with_certificates(frontend, authority, folder, account):
    settings = {"TLS_TRUSTCERTS": str(authority.pem), "TLS_EXTERNAL": "emailaddress",
                "TLS_CERTFILE": str(authority.issue("mail.example.test"))}
    person = authority.issue("person", subject=f"/CN=A Person/emailAddress={account}", alternative="", usage="clientAuth")
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    stranger = Authority(elsewhere).issue("person", subject=f"/CN=A Person/emailAddress={account}",
                                          alternative="", usage="clientAuth")
    asks = frontend(TLS_VERIFYPEER="PEER", **settings)
    demands = frontend(TLS_VERIFYPEER="REQUIREPEER", LOG_LEVEL="debug", **settings)

    def greeted(one, certificate, version=ssl.TLSVersion.TLSv1_3):
        try:
            with shake(one.imaps, client(authority, version, certificate)) as s:
                return s.recv(100).startswith(b"* OK")
        except (ssl.SSLError, ConnectionError):
            return False

    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        assert greeted(asks, None, version) and greeted(asks, person, version)
        assert greeted(demands, person, version) and not greeted(demands, None, version)
        assert not greeted(asks, stranger, version), "not one of ours, whatever it says"
    demands.logged(r"tls: handshake with 127\.0\.0\.1 failed: peer did not return a certificate")
    assert "Acceptable client certificate CA names\nCN = Test Authority" in s_client(asks, "-servername", "x")


# --- too much ------------------------------------------------------------------------------------------


def test_handshakes_end_in_time(frontend):
    one = frontend(TLS_HANDSHAKE_TIMEOUT="300ms")
    silent = socket.create_connection(("127.0.0.1", one.imaps), timeout=10)
    assert silent.recv(100) == b""
    c = Imap(one.imap, timeout=10)
    c.ok("STARTTLS")
    with pytest.raises(Closed):
        c.read()
    shaken = Imap(one.imaps, tls=True)
    time.sleep(0.5)
    shaken.ok("NOOP")
    shaken.logout()


def test_handshakes_are_so_many_and_no_more(frontend):
    one = frontend(MAX_HANDSHAKES="1", LOOPS="1")
    shaken = Imap(one.imaps, tls=True)
    shaking = socket.create_connection(("127.0.0.1", one.imaps), timeout=10)
    refused = socket.create_connection(("127.0.0.1", one.imaps), timeout=10)
    assert refused.recv(100) == b""
    Imap(one.imap).logout()
    shaking.close()
    one.eventually('posthouse_tls_handshakes_total{version="failed",resumed="no"}', 1)
    Imap(one.imaps, tls=True).logout()
    assert one.metric('posthouse_overload_refusals_total{reason="handshakes"}') == 1
    shaken.logout()


def test_short_of_memory(frontend):
    one = frontend(MAX_MEMORY="1M")
    one.logged("short of memory")
    assert Imap(one.imap).greeting.line.startswith(b"* BYE [UNAVAILABLE] The server is busy")
    assert Imap(one.imaps, tls=True).greeting.line.startswith(b"* BYE [UNAVAILABLE]")
    with socket.create_connection(("127.0.0.1", one.pop3), timeout=10) as s:
        assert s.recv(100).startswith(b"-ERR [SYS/TEMP] The server is busy")


def test_too_many_are_told_so(frontend):
    """MAXCONNECTIONS, and before and after TLS."""
    one = frontend(MAXCONNECTIONS="1", LOOPS="1")
    first = Imap(one.imap)
    assert Imap(one.imap).greeting.line.startswith(b"* BYE [UNAVAILABLE] Too many connections")
    assert Imap(one.imaps, tls=True).greeting.line.startswith(b"* BYE [UNAVAILABLE] Too many connections")
    first.logout()


# --- what scanners say -----------------------------------------------------------------------------


def test_versions_ciphers_and_protocols(frontend):
    one = frontend()
    assert "New, (NONE), Cipher is (NONE)" in s_client(one, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
    assert "New, (NONE), Cipher is (NONE)" in s_client(one, "-tls1_2", "-cipher", "AES256-SHA:AES128-GCM-SHA256")
    assert "Compression: NONE" in s_client(one, "-tls1_2", "-comp")
    assert "ALPN protocol: imap" in s_client(one, "-alpn", "imap")
    assert "ALPN protocol: pop3" in s_client(one, "-alpn", "pop3", port=one.pop3s, end=b"QUIT\r\n")
    assert "no application protocol" in s_client(one, "-alpn", "h2,http/1.1")
    strict = frontend(TLS_PROTOCOL="TLSv1.3")
    assert "New, (NONE), Cipher is (NONE)" in s_client(strict, "-tls1_2")
    old = frontend(TLS_PROTOCOL="TLSv1+", TLS_CIPHER_LIST="ALL:@SECLEVEL=0", TLS_GROUPS="P-384")
    assert "Cipher is ECDHE" in s_client(old, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
    assert "secp384r1, 384 bits" in s_client(old, "-tls1_2")


@pytest.fixture
def scanned(frontend, authority):
    return frontend(TLS_CERTFILE=str(authority.issue("mail.example.test", alternative="DNS:mail.example.test,IP:127.0.0.1")))


@pytest.mark.parametrize("how,port", [("--no-fallback", "imaps"), ("--starttls-imap", "imap"), ("--starttls-pop3", "pop3")])
def test_sslscan(scanned, how, port):
    told = subprocess.run(["sslscan", "--no-colour", how, f"127.0.0.1:{getattr(scanned, port)}"],
                          check=True, capture_output=True, text=True, timeout=120).stdout
    enabled = {line.split()[0] for line in told.splitlines() if re.match(r"(SSL|TLS)v\S+ +enabled", line)}
    assert enabled == {"TLSv1.2", "TLSv1.3"}, told
    assert "Session renegotiation not supported" in told
    assert told.count("not vulnerable to heartbleed") >= 1
    assert re.findall(r"\bvulnerable", told.replace("not vulnerable", "")) == []
    ciphers = re.findall(r"(?:Preferred|Accepted) +\S+ +(\d+) bits +(\S+)", told)
    assert ciphers and all(int(bits) >= 128 for bits, _ in ciphers)
    assert all(re.match(r"TLS_(AES|CHACHA20)|ECDHE-\S+-(GCM-\S+|CHACHA20-POLY1305)$", name) for _, name in ciphers)
    assert not re.search(r"self-signed|expired|MD5|SHA1\b", told)


@pytest.mark.skipif("POSTHOUSE_SCAN" not in os.environ, reason="a minute each: make scan")
@pytest.mark.parametrize("how", ["imaps", "imap", "pop3"])
def test_testssl(scanned, authority, folder, how):
    authority.ocsp(authority.folder / "mail.example.test.pem")
    scanned.reload()
    scanned.logged(r"(?s)certificate loaded.*certificate loaded")
    found = folder / "findings.json"
    starttls = [] if how == "imaps" else ["-t", how]
    told = subprocess.run(
        ["testssl", "--quiet", "--warnings", "off", "--color", "0", "--nodns", "none", "--ip", "127.0.0.1",
         "--add-ca", authority.pem, "--jsonfile", found, *starttls, "-p", "-s", "-f", "-P", "-S", "-U",
         f"mail.example.test:{getattr(scanned, how)}"],
        capture_output=True, text=True, timeout=300, check=False, cwd=folder).stdout
    findings = json.loads(found.read_text())
    # About testssl.sh's own means; tickets have a test of their own.
    about_testssl = {"engine_problem", "scanTime", "service", "sessionresumption_ticket"}
    bad = [f for f in findings if f["severity"] not in ("OK", "INFO") and f["id"] not in about_testssl]
    assert not bad, told
    good = {f["id"] for f in findings if f["severity"] == "OK"}
    assert {"SSLv3", "TLS1_2", "TLS1_3", "cipherlist_STRONG", "PFS", "cert_chain_of_trust", "secure_client_renego"} <= good, good
