"""Logging in without telling the password: mail clients with every mechanism they have, real Kerberos, certificates."""

import base64
import hashlib
import hmac
import imaplib
import os
import poplib
import re
import signal
import ssl
import subprocess

import pytest

from conftest import BUILD, Posthouse
from frontends import Frontend
from imap import Imap
from kerberos import Kdc
from test_auth_sources import Auth, within

ALICE, PASSWORD = "alice@example.test", "wonder land"


def told(*argv, given=None):
    return subprocess.run(argv, input=given, text=True, capture_output=True, check=True).stdout.strip()


def record(run, name, secrets):
    home = run / "mail" / name
    home.mkdir(parents=True)
    return f"{name}\tuid={os.getuid()}|gid={os.getgid()}|home={home}|mail={home}/Maildir|{secrets}\n"


def stored(form, password):
    return told(str(BUILD / "bin/userdbpw"), form, given=password + "\n")


@pytest.fixture(scope="module")
def kdc(tmp_path_factory):
    made = Kdc(tmp_path_factory.mktemp("kerberos") / "kdc", {"alice": "kerberos", "stranger": "kerberos", "Alice": "capital"},
               ["imap/localhost", "pop/localhost"])
    yield made
    made.stop()


@pytest.fixture(scope="module")
def sasl(kdc, tmp_path_factory):
    """A set of services whose accounts are stored in every way."""
    run = tmp_path_factory.mktemp("sasl") / "run"
    run.mkdir(mode=0o700)
    keys = told("gsasl", "--mkpasswd", "-m", "SCRAM-SHA-256", "-p", "for keys", "--iteration-count", "10000")
    hashed = stored("-sha512", "for cram")
    (run / "userdb").write_text(
        record(run, ALICE, f"systempw={{PLAIN}}{PASSWORD}")
        + record(run, "keys@example.test", f"systempw={keys}")
        + record(run, "cram@example.test", f"systempw={hashed}|hmac-md5pw={stored('-hmac-md5', 'for cram')}")
        + record(run, "phone@example.test", f"systempw={hashed}|app-phone-pw={{PLAIN}}for the phone")
        + record(run, "closed@example.test", f"systempw={{PLAIN}}{PASSWORD}|options=disableimap=1"))
    (run / "userdb").chmod(0o600)
    running = Posthouse(run, GSSAPI_KEYTAB=str(kdc.keytab), GSSAPI_HOSTNAME="localhost",
                        KRB5_CONFIG=kdc.environment["KRB5_CONFIG"],
                        KRB5RCACHENAME=kdc.environment["KRB5RCACHENAME"]).start()
    within(15, lambda: b"AUTH=GSSAPI" in Imap(running.port()).greeting.line)
    yield running
    running.stop()
    assert not (reports := running.sanitizer_reports()), reports


# --- what is offered ---------------------------------------------------------

SCRAM = ["SCRAM-SHA-256", "SCRAM-SHA-1"]
BOUND = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS"]
REST = ["GSSAPI", "CRAM-SHA256", "CRAM-SHA1", "CRAM-MD5", "PLAIN", "LOGIN"]


def offered(greeting):
    return [name.decode() for name in re.findall(rb" AUTH=([^] ]+)", greeting.line)]


def test_offers(sasl):
    assert offered(Imap(sasl.port()).greeting) == SCRAM + REST
    assert offered(Imap(sasl.port(tls=True), tls=True).greeting) == BOUND + SCRAM + REST
    pop = poplib.POP3("localhost", sasl.pop3_port())
    assert pop.capa()["SASL"] == SCRAM + REST
    assert re.search(rb" <[^ @<>]+@[^ @<>]+>$", pop.getwelcome())


# --- SCRAM -------------------------------------------------------------------

def gsasl(sasl, mechanism, name, password, *more, tls="NORMAL"):
    return subprocess.run(
        ["gsasl", "--imap", "--connect", f"localhost:{sasl.port()}", "-m", mechanism, "-a", name, "-z", "",
         "-p", password, "--x509-ca-file=", "--priority", tls, *more],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("tls", ["NORMAL", "NORMAL:-VERS-TLS1.3"], ids=["tls-exporter", "tls-unique"])
@pytest.mark.parametrize("mechanism", BOUND)
def test_scram_bound_to_tls(sasl, mechanism, tls):
    done = gsasl(sasl, mechanism, ALICE, PASSWORD, tls=tls)
    assert done.returncode == 0 and " OK LOGOUT" in done.stdout, done
    done = gsasl(sasl, mechanism, ALICE, "wrong", tls=tls)
    assert done.returncode != 0 and "NO [AUTHENTICATIONFAILED]" in done.stdout + done.stderr, done


@pytest.mark.parametrize("mechanism", SCRAM + ["CRAM-MD5", "PLAIN", "LOGIN"])
def test_not_bound(sasl, mechanism):
    for name, password, expected in ((ALICE, PASSWORD, "OK LOGOUT"), (ALICE, "wrong", "NO [AUTHENTICATIONFAILED]"),
                                     ("nobody@example.test", "x", "NO [AUTHENTICATIONFAILED]"),
                                     ("closed@example.test", PASSWORD, "NO [AUTHORIZATIONFAILED]")):
        done = gsasl(sasl, mechanism, name, password, "--no-cb")
        assert expected in done.stdout + done.stderr, done


# --- a client with Cyrus SASL --------------------------------------------------

def mbsync(sasl, folder, mechanism, name, password, environment=None):
    (folder / "mail").mkdir(exist_ok=True)
    (folder / "rc").write_text(f"""
IMAPAccount a
Host localhost
Port {sasl.port()}
User {name}
Pass "{password}"
SSLType NONE
AuthMechs {mechanism}

IMAPStore remote
Account a

MaildirStore local
Path {folder}/mail/
Inbox {folder}/mail/INBOX

Channel c
Far :remote:
Near :local:
Patterns INBOX
Create Near
SyncState *
""")
    done = subprocess.run(["mbsync", "-V", "-c", str(folder / "rc"), "c"], capture_output=True, text=True, timeout=30,
                          check=False, stdin=subprocess.DEVNULL, env=environment)
    assert f"mechanism {mechanism}" in done.stdout + done.stderr, done
    return done.returncode


def test_mbsync(sasl, tmp_path):
    rows = [("SCRAM-SHA-256", ALICE, PASSWORD), ("SCRAM-SHA-1", ALICE, PASSWORD), ("CRAM-MD5", ALICE, PASSWORD),
            ("SCRAM-SHA-256", "keys@example.test", "for keys"), ("CRAM-MD5", "cram@example.test", "for cram"),
            ("SCRAM-SHA-1", "phone@example.test", "for the phone")]
    for mechanism, name, password in rows:
        assert mbsync(sasl, tmp_path, mechanism, name, password) == 0, (mechanism, name)
        assert mbsync(sasl, tmp_path, mechanism, name, "wrong") != 0, (mechanism, name)


# --- Kerberos ------------------------------------------------------------------

def curl(url, name, environment, *more, mechanism="GSSAPI", password=""):
    return subprocess.run(["curl", "-s", "-m", "20", url, "--login-options", f"AUTH={mechanism}", "-u",
                           f"{name}:{password}", *more], capture_output=True, text=True, check=False, env=environment)


def test_kerberos(sasl, kdc, tmp_path):
    alice = kdc.ticket("alice", "kerberos")
    done = curl(f"imap://localhost:{sasl.port()}/", ALICE, alice)
    assert done.returncode == 0 and "INBOX" in done.stdout
    assert curl(f"pop3://localhost:{sasl.pop3_port()}/", ALICE, alice).returncode == 0
    assert mbsync(sasl, tmp_path, "GSSAPI", ALICE, "none", alice) == 0
    # In somebody else's name, and a principal that has no account.
    url = f"imap://localhost:{sasl.port()}/"
    assert curl(url, ALICE, alice, "--sasl-authzid", ALICE).returncode == 0
    assert curl(url, ALICE, alice, "--sasl-authzid", "keys@example.test").returncode == 67
    stranger = kdc.ticket("stranger", "kerberos")
    assert curl(url, "stranger@example.test", stranger).returncode == 67
    # Another principal, with another password: case tells them apart.
    assert curl(url, ALICE, kdc.ticket("Alice", "capital")).returncode == 67


# --- others ----------------------------------------------------------------------

def test_python(sasl):
    assert imaplib.IMAP4("localhost", sasl.port()).login_cram_md5("cram@example.test", "for cram")[0] == "OK"
    pop = poplib.POP3("localhost", sasl.pop3_port())
    assert pop.apop(ALICE, PASSWORD).startswith(b"+OK")
    pop.quit()
    pop = poplib.POP3("localhost", sasl.pop3_port())
    with pytest.raises(poplib.error_proto, match=r"\[AUTH\]"):
        pop.apop(ALICE, "wrong")
    with pytest.raises(poplib.error_proto, match=r"\[AUTH\]"):
        pop.apop("keys@example.test", "for keys")


def test_curl(sasl):
    for url in (f"imap://localhost:{sasl.port()}/", f"pop3://localhost:{sasl.pop3_port()}/"):
        for mechanism in ("CRAM-MD5", "PLAIN", "LOGIN"):
            for password, code in ((PASSWORD, 0), ("wrong", 67)):
                done = curl(url, ALICE, None, mechanism=mechanism, password=password)
                assert done.returncode == code, (url, mechanism, password)
    assert curl(f"pop3://localhost:{sasl.pop3_port()}/", ALICE, None, mechanism="+APOP", password=PASSWORD).returncode == 0


def test_fetchmail(sasl, tmp_path):
    for protocol, auth in (("apop", "password"), ("imap", "cram-md5")):
        port = sasl.pop3_port() if protocol == "apop" else sasl.port()
        rc = tmp_path / f"rc.{protocol}"
        rc.write_text(f'poll localhost protocol {protocol} port {port} auth {auth} timeout 20 '
                      f'username "{ALICE}" password "{PASSWORD}" sslproto "" mda "cat" keep\n')
        rc.chmod(0o600)
        done = subprocess.run(["fetchmail", "-v", "--nosyslog", "--pidfile", str(tmp_path / "pid"), "-f", str(rc)],
                              capture_output=True, text=True, timeout=40, check=False,
                              env=dict(os.environ, HOME=str(tmp_path)))
        assert done.returncode == 1, done		# nothing to fetch
        assert ("APOP " in done.stdout) if protocol == "apop" else ("CRAM-MD5" in done.stdout), done


def answer(challenge, name, password):
    text = base64.b64decode(challenge)
    digest = hmac.new(password.encode(), text, hashlib.md5).hexdigest()
    return base64.b64encode(f"{name} {digest}".encode())


def test_an_old_challenge_is_worth_nothing(sasl):
    """What somebody has overheard opens nothing."""
    one = Imap(sasl.port())
    one.send(b"a AUTHENTICATE CRAM-MD5\r\n")
    response = answer(one.read().line[2:], "cram@example.test", "for cram")
    one.send(response + b"\r\n")
    assert one.read().status == b"OK"
    other = Imap(sasl.port())
    other.send(b"a AUTHENTICATE CRAM-MD5\r\n")
    other.read()
    other.send(response + b"\r\n")
    assert other.read().line.startswith(b"a NO [AUTHENTICATIONFAILED]")


# --- client certificates -------------------------------------------------------------

def certificate(folder, name, authority=None):
    """NAME.pem and NAME.key, for a person, or for an authority of its own."""
    argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", f"/CN={name}", "-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.pem")]
    if authority:
        argv += ["-CA", str(folder / f"{authority}.pem"), "-CAkey", str(folder / f"{authority}.key")]
    subprocess.run(argv, check=True, capture_output=True)


def with_certificate(port, folder, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if name:
        context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return imaplib.IMAP4_SSL("localhost", port, ssl_context=context)


def test_certificates(posthouse, account, frontend, tmp_path):
    certificate(tmp_path, "authority")
    for name in (account, "stranger@example.test"):
        certificate(tmp_path, name, "authority")
    f = frontend(TLS_VERIFYPEER="PEER", TLS_TRUSTCERTS=str(tmp_path / "authority.pem"), TLS_EXTERNAL="commonname")
    client = with_certificate(f.imaps, tmp_path, account)
    assert "AUTH=EXTERNAL" in client.capabilities
    assert client.authenticate("EXTERNAL", lambda challenge: b"")[0] == "OK"
    client = with_certificate(f.imaps, tmp_path, account)
    with pytest.raises(imaplib.IMAP4.error, match="AUTHORIZATIONFAILED"):
        client.authenticate("EXTERNAL", lambda challenge: b"alice")
    client = with_certificate(f.imaps, tmp_path, "stranger@example.test")
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        client.authenticate("EXTERNAL", lambda challenge: b"")
    client = with_certificate(f.imaps, tmp_path, None)
    assert "AUTH=EXTERNAL" not in client.capabilities


# --- where an exchange lives ------------------------------------------------------------

class Pair:
    """Two authsvc with the same accounts, and a frontend that asks both."""

    def __init__(self, posthouse, folder):
        self.auths = [Auth(folder / f"auth{i}", "userdb") for i in range(2)]
        for auth in self.auths:
            auth.userdb(ALICE, PASSWORD)
        self.frontend = Frontend(posthouse, folder / "log", AUTH=",".join(a.url for a in self.auths), LOOPS="1",
                                 STORE_WAIT="20s").start()
        within(15, lambda: b"AUTH=CRAM-MD5" in Imap(self.frontend.imap).greeting.line)

    def begin(self):
        client = Imap(self.frontend.imap)
        client.send(b"a AUTHENTICATE CRAM-MD5\r\n")
        challenge = client.read()
        return client, answer(challenge.line[2:], ALICE, PASSWORD) if challenge.tag == b"+" else None

    def stop(self):
        self.frontend.stop()
        for auth in self.auths:
            auth.stop()


@pytest.fixture
def pair(posthouse, tmp_path):
    made = Pair(posthouse, tmp_path)
    yield made
    made.stop()


def finish(client, response):
    client.send(response + b"\r\n")
    return client.read().line


def test_exchanges_stay_where_they_began(pair):
    begun = [pair.begin() for _ in range(12)]
    assert all(finish(*one).startswith(b"a OK") for one in reversed(begun))


def test_an_authsvc_that_dies_takes_its_exchanges(pair):
    begun = [pair.begin() for _ in range(12)]
    os.kill(pair.auths[0].process.pid, signal.SIGKILL)
    answers = [finish(*one)[:8] for one in begun]
    assert set(answers) == {b"a OK [CA", b"a NO [UN"} and answers.count(b"a NO [UN") == 6, answers
    assert finish(*pair.begin()).startswith(b"a OK")
