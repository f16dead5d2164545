"""A frontend that was broken into reads nobody's mail but that of the people logged in through it; others read none at all.

All that a frontend has is tried: its certificate, its socket, tickets of people who logged in through it. Methods come
from proto/, so that a new one is tried, too.
"""

import os
import pathlib
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import time

import pytest

from conftest import BUILD, ROOT, Posthouse
from imap import Imap
from rpc import DENIED, INVALID, OK, UNAUTHENTICATED, Peer, field, message, methods, parse

AUTH = methods(ROOT / "proto/auth.proto", "Auth")
STORE = methods(ROOT / "proto/store.proto", "Store")
LIFETIME = 10                           # seconds, of a ticket: the least there is
NO = {INVALID, UNAUTHENTICATED, DENIED}
SECRET = b"the victim's own words"
VICTIM, MALLORY = "victim@example.test", "mallory@example.test"


class Stage:
    """A set of services that can be reached with certificates, by Peers of any role."""

    def __init__(self, folder):
        self.keys = folder / "rpc"
        self.names = {"services": "", "frontend": "frontend", "outboxsvc": "outbox", "posthousectl": "operator",
                      "mta": "delivery"}
        for name, role in self.names.items():
            self.make(self.keys, name, role)
        self.make(folder / "foreign", "frontend", "frontend")
        self.foreign = folder / "foreign"
        self.posthouse = Posthouse(folder / "run", RPC_TLS_CA=f"{self.keys}/ca.crt", TICKET_LIFETIME=f"{LIFETIME}s",
                                   RPC_TLS_CERT=f"{self.keys}/services.crt", RPC_TLS_KEY=f"{self.keys}/services.key")
        self.ports = {"Auth": self.posthouse.base + 910, "Store": self.posthouse.base + 911}
        self.posthouse.environment.update(
            AUTHSVC_LISTEN=f"tls+tcp://127.0.0.1:{self.ports['Auth']}",
            STORESVC_LISTEN=f"tls+tcp://127.0.0.1:{self.ports['Store']}")
        self.posthouse.start()
        for name in (VICTIM, MALLORY):
            self.posthouse.user(name)

    @staticmethod
    def make(folder, name, role):
        subprocess.run([str(ROOT / "tools/make-rpc-cert.sh"), str(folder), name, "DNS:localhost", role], check=True)

    def peer(self, service, name="frontend", keys=None):
        keys = keys or self.keys
        return Peer.tls(self.ports[service], self.keys / "ca.crt", f"{keys}/{name}.crt", f"{keys}/{name}.key")

    def login(self, name, password="secret"):
        """The ticket that a frontend gets for somebody who logs in through it."""
        status, reply = self.peer("Auth").call("Auth", "Login", login(name, password))
        assert status == OK
        return parse(reply)[1]


@pytest.fixture(scope="module")
def stage():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="posthouse-hostile."))
    folder.chmod(0o755)
    one = Stage(folder)
    with_secret = Imap(one.posthouse.port()).login(VICTIM, "secret")
    assert with_secret.append("INBOX", b"Subject: x\r\n\r\n" + SECRET + b"\r\n")
    with_secret.logout()
    yield one
    one.posthouse.stop()
    assert not (reports := one.posthouse.sanitizer_reports()), reports
    shutil.rmtree(folder)


def peer_of(service="imaps", certificate_name=""):
    return message({1: service, 2: "192.0.2.1", 5: 1, 10: certificate_name})


def login(name, password, service="imaps", authorize=""):
    return message({1: peer_of(service), 2: name, 3: password, 4: authorize})


def request_for(first):
    """A request that would do something to INBOX, as far as its first field says which mailbox."""
    return field(1, {"MailboxRef": field(1, "INBOX"), "string": "INBOX", "bytes": os.urandom(16)}.get(first, b""))


def signed(key_file, account):
    """A ticket for an account, signed with a key that is not authsvc's."""
    now = int(time.time())
    ticket = message({1: account, 4: f"/home/{account}", 5: "Maildir", 6: "store1", 10: "00", 11: now, 12: now + 3600})
    with tempfile.NamedTemporaryFile() as signee:
        signee.write(b"posthouse-ticket-1\0" + ticket)
        signee.flush()
        signature = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", str(key_file), "-in", signee.name],
                                   check=True, capture_output=True).stdout
    return ticket, signature


def wrong_tickets(stage, tmp_path):
    genuine = parse(stage.login(MALLORY))
    altered = genuine[1].replace(MALLORY.encode(), VICTIM.encode().ljust(len(MALLORY), b"x"))
    victims = genuine[1].replace(b"mallory", b"victimx")
    subprocess.run([str(ROOT / "tools/make-keys.sh"), str(tmp_path), "ticket"], check=True)
    forged, signature = signed(tmp_path / "ticket.key", VICTIM)
    return {
        "none": b"",
        "rubbish": os.urandom(200),
        "no signature": message({1: forged, 3: genuine[3]}),
        "empty signature": message({1: forged, 2: b"", 3: genuine[3]}),
        "signed with another key": message({1: forged, 2: signature, 3: genuine[3]}),
        "another key, named": message({1: forged, 2: signature, 3: "0" * 16}),
        "altered": message({1: altered, 2: genuine[2], 3: genuine[3]}),
        "another account's signature": message({1: victims, 2: genuine[2], 3: genuine[3]}),
        "an operator's warrant": message({1: b"x", 2: genuine[2], 3: "admin"}),
    }


def test_store_without_a_ticket_for_it(stage, tmp_path):
    peer = stage.peer("Store")
    for what, ticket in wrong_tickets(stage, tmp_path).items():
        for method, _, first in STORE:
            if method == "Watch":       # its token is the permission: one that was not given is unknown
                status, reply = peer.call("Store", method, message({1: os.urandom(16), 2: 1, 3: 60}), ticket)
                assert status == OK and set(parse(reply)) == {2}
                continue
            status, reply = peer.call("Store", method, request_for(first), ticket)
            assert status in NO, f"{method} with a ticket that is {what}: {status} {reply}"


def test_store_with_a_ticket_that_is_over(stage):
    ticket, peer = stage.login(MALLORY), stage.peer("Store")
    assert peer.call("Store", "Select", field(1, "INBOX"), ticket)[0] == OK
    time.sleep(LIFETIME + 2)
    for method, _, first in STORE:
        if method != "Watch":
            assert peer.call("Store", method, request_for(first), ticket)[0] in NO, method
    assert stage.peer("Auth").call("Auth", "Renew", field(1, peer_of()), ticket)[0] in NO


def test_store_with_a_ticket_of_somebody_else(stage):
    """It opens that person's own mail, whatever name is asked for."""
    ticket, peer = stage.login(MALLORY), stage.peer("Store")
    status, reply = peer.call("Store", "Select", field(1, "INBOX"), ticket)
    assert status == OK and 5 not in parse(reply), "mallory has no mail"
    for name in ("../" + VICTIM, "..", "../../" + VICTIM + "/Maildir", VICTIM, "/" + VICTIM, "INBOX/../../" + VICTIM,
                 str(stage.posthouse.maildir(VICTIM)), "shared/" + VICTIM, "user/" + VICTIM):
        for method, _, first in STORE:
            if first in ("string", "MailboxRef") and method not in ("Create", "Subscribe", "List", "Upload"):
                where = field(1, name) if first == "string" else field(1, field(1, name))
                status, reply = peer.call("Store", method, where, ticket)
                assert status != OK and SECRET not in reply, (method, name)


@pytest.mark.parametrize("service", ["imaps", "imap", "pop3", "pop3s"])
def test_auth_without_proof(stage, service, tmp_path):
    """Every method of Auth, for an account whose password the frontend does not know."""
    peer = stage.peer("Auth")
    wanted = peer_of(service, VICTIM)
    attempts = {
        "Login": [message({1: wanted, 2: VICTIM, 3: p, 4: z}) for p in ("", "wrong", "\0", "secret\0") for z in ("", VICTIM)] +
                 [message({1: wanted, 2: MALLORY, 3: "secret", 4: VICTIM})],
        "Renew": [field(1, wanted)],
        "Mechanisms": [field(1, wanted)],
        "Exchange": [message({1: wanted, 3: m, 4: 1, 5: r}) for m in
                     ("EXTERNAL", "external", "ANONYMOUS", "PLAIN", "LOGIN", "GSSAPI", "OAUTHBEARER", "XOAUTH2", "APOP")
                     for r in ("", VICTIM, f"\0{VICTIM}\0", f"n,a={VICTIM},\1auth=Bearer x\1\1")],
    }
    assert set(attempts) == {name for name, _, _ in AUTH}, "a new method of Auth has to be tried here, too"
    for method, requests in attempts.items():
        for request in requests:
            status, reply = peer.call("Auth", method, request)
            if method == "Mechanisms":
                assert status == OK and b"EXTERNAL" not in reply
            elif status == OK:
                assert set(parse(reply)) <= {1, 2, 3} and 4 not in parse(reply) and method == "Exchange"
    for what, ticket in wrong_tickets(stage, tmp_path).items():
        assert peer.call("Auth", "Renew", field(1, wanted), ticket)[0] in NO, what


@pytest.mark.parametrize("service", ["", "su", "runuser", "../../etc/pam.d/su", "xyz", "IMAP", "imap ", "smtp",
                                     "imap\nlogin\nmallory\nmpw"])
def test_services_that_there_are_not(stage, service):
    peer, ticket = stage.peer("Auth"), stage.login(VICTIM)
    assert peer.call("Auth", "Login", login(VICTIM, "secret", service))[0] == INVALID
    assert peer.call("Auth", "Renew", field(1, peer_of(service)), ticket)[0] == INVALID
    assert peer.call("Auth", "Exchange", message({1: peer_of(service), 3: "SCRAM-SHA-256"}))[0] == INVALID


def test_a_login_is_told(stage):
    stage.login(VICTIM)
    log = (stage.posthouse.run_dir / "log/authsvc.log").read_text()
    assert f"accepted imaps for {VICTIM} from 192.0.2.1 by password" in log


def test_frontends_do_not_offer_external(stage):
    assert b"EXTERNAL" not in b"".join(line.line for line in Imap(stage.posthouse.port(tls=True), tls=True).ok("CAPABILITY"))


@pytest.mark.parametrize("name", ["outboxsvc", "posthousectl", "mta", "services"])
def test_other_roles_are_denied(stage, name):
    ticket = stage.login(VICTIM)
    for service, declared in (("Auth", AUTH), ("Store", STORE)):
        peer = stage.peer(service, name)
        assert peer.call("Health", "Check")[0] == OK
        for method, _, first in declared:
            request = login(VICTIM, "secret") if service == "Auth" else request_for(first)
            assert peer.call(service, method, request, ticket) == (DENIED, b""), f"{service}.{method}"


def test_another_user_of_the_host_is_denied(stage):
    if os.geteuid() != 0:
        pytest.skip("only root can be somebody else")
    run, ticket = stage.posthouse.run_dir, stage.login(VICTIM)
    for path, mode in ((run, 0o755), (run / "sock", 0o755), (run / "sock/authsvc", 0o666), (run / "sock/storesvc", 0o666)):
        path.chmod(mode)
    child = os.fork()
    if child == 0:
        worst = 1
        try:
            os.chdir(run)
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            answers = [Peer.unix(f"sock/{name}").call(service, method, b"", ticket)[0]
                       for name, service, declared in (("authsvc", "Auth", AUTH), ("storesvc", "Store", STORE))
                       for method, _, _ in declared]
            worst = 0 if set(answers) == {DENIED} else 2
        finally:
            os._exit(worst)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert Peer.unix(run / "sock/storesvc").call("Store", "Select", field(1, "INBOX"), ticket)[0] == OK


def test_no_certificate_no_answer(stage):
    for service in stage.ports:
        for certificate in (None, stage.foreign):
            with pytest.raises((ssl.SSLError, ConnectionError)):
                if certificate:
                    stage.peer(service, "frontend", certificate).call("Health", "Check")
                else:
                    Peer.tls(stage.ports[service], stage.keys / "ca.crt").call("Health", "Check")


def test_large_requests_are_not_unpacked(stage):
    """More than any request has: the connection ends, or the answer is no, before anything is made of it."""
    peer = stage.peer("Auth")
    assert peer.call("Auth", "Mechanisms", b"\x0a\0" * 8192)[0] not in (OK, INVALID)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        stage.peer("Auth").call("Auth", "Exchange", b"\x0a\0" * (512 * 1024))


def test_who_keeps_a_service_waiting_is_sent_away(stage):
    """No handshake, no rest of a frame: ten seconds. Who has nothing to ask may stay."""
    idle = stage.peer("Auth")
    silent = [socket.create_connection(("127.0.0.1", stage.ports["Auth"])) for _ in range(5)]
    begun = [stage.peer("Store") for _ in range(5)]
    for n, peer in enumerate(begun):    # a part of a prefix; a prefix; and all but the end of 64 KiB
        peer.stream.sendall(b"P1" + (b"" if n == 0 else struct.pack("<HIIQ", 100, 65536, 0, 1) + b"x" * (n - 1) * 10000))
    for stream in [*silent, *(peer.stream for peer in begun)]:
        stream.settimeout(25)
        try:
            assert stream.recv(100) == b""
        except ConnectionError:
            pass
    assert idle.call("Auth", "Mechanisms", field(1, peer_of()))[0] == OK


def test_connections_of_one_address(stage):
    held = []
    with pytest.raises((ssl.SSLError, ConnectionError)):
        for _ in range(200):
            held.append(stage.peer("Auth"))
    assert 100 < len(held) <= 128
    other = Imap(stage.posthouse.port()).login(MALLORY, "secret")       # the frontends have theirs
    other.logout()
    for peer in held:
        peer.stream.close()


def memory_of(stage, name):
    """Of the process, in MiB: now, and at the most."""
    status = pathlib.Path(f"/proc/{stage.posthouse.pids()[name]}/status").read_text()
    return [int(line.split()[1]) // 1024 for word in ("VmRSS", "VmHWM")
            for line in status.splitlines() if line.startswith(word)]


def test_a_request_costs_no_multiple_of_itself(stage):
    """Two bytes on the way, a hundred in memory: millions of empty messages are counted, not unpacked."""
    if "asan" in os.environ.get("BUILD", ""):
        pytest.skip("a sanitizer's memory is not the program's")
    ticket, peer = stage.login(MALLORY), stage.peer("Store")
    before = memory_of(stage, "storesvc")[0]
    for _ in range(4):
        status, _ = peer.call("Store", "Flags", field(1, field(1, "INBOX")) + b"\x12\0" * (3 << 20), ticket)
        assert status == INVALID
    # The least that means something: a message each. What was unpacked goes with the answer.
    status, _ = peer.call("Store", "Flags", field(1, field(1, "INBOX")) + b"\x12\x04\x08\x05\x10\x05" * (1 << 20), ticket)
    assert status == OK
    now, most = memory_of(stage, "storesvc")
    assert most - before < 250 and now - before < 60, (before, now, most)


def test_plain_tcp_has_to_be_meant(stage):
    settings = dict(stage.posthouse.environment, LISTEN=f"tcp://127.0.0.1:{stage.posthouse.base + 912}")
    done = subprocess.run([str(BUILD / "bin/posthouse-outboxsvc"), "--config=/dev/null"], env=settings, timeout=20,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 78 and "RPC_TRUST_TCP" in done.stderr
