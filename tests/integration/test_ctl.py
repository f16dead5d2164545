"""posthousectl: what an operator sees of running services, and orders."""

import json
import os
import poplib
import socket
import subprocess
import threading

import pytest

from conftest import BUILD
from imap import Closed
from test_ops import eventually

CTL = str(BUILD / "bin" / "posthousectl")


def ctl(posthouse, *words, code=0, settings=(), stdin=None, **kwargs):
    """What the command says: JSON, read."""
    done = subprocess.run(
        [CTL, f"--config={posthouse.run_dir}/posthousectl.conf", *settings, "--json", *words],
        input=stdin, capture_output=True, text=True, timeout=120, **kwargs)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return json.loads(done.stdout)


def ctl_text(posthouse, *words, code=0, settings=(), stdin=None):
    """(standard output, standard error)"""
    done = subprocess.run(
        [CTL, f"--config={posthouse.run_dir}/posthousectl.conf", *settings, *words],
        input=stdin, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done.stdout, done.stderr


# ---- status ----

def is_well(posthouse):
    done = subprocess.run([CTL, f"--config={posthouse.run_dir}/posthousectl.conf", "status"], capture_output=True)
    return done.returncode == 0


def test_status(posthouse):
    eventually(lambda: is_well(posthouse))
    services = ctl(posthouse, "status")["services"]
    assert [s["name"] for s in services] == ["frontend", "frontend", "authsvc", "outboxsvc", "store1"]
    pids = posthouse.pids()
    assert [s["pid"] for s in services] == [
        pids[name] for name in ("frontend1", "frontend2", "authsvc", "outboxsvc", "storesvc")]
    for s in services:
        assert (s["state"], s["missing"], s["version"]) == ("ready", [], "0.1")
        assert s["up_s"] >= 0 and s["host"] == socket.gethostname() and s["listen"].startswith("ipc://")
    assert len({s["instance"] for s in services}) == 5
    out, _ = ctl_text(posthouse, "status")
    assert out.splitlines()[0].split() == ["SERVICE", "STATE", "VERSION", "UP", "HOST", "PID", "ADDRESS", "MISSING"]
    assert out.count(" ready ") == 5


def test_what_is_away_is_named_with_its_setting(posthouse):
    quick = ["--timeout=500ms", "--auth=ipc://sock/nobody", "--outbox="]
    answer = ctl(posthouse, "status", settings=quick, code=69)
    assert [s["state"] for s in answer["services"]] == ["ready", "ready", "away", "ready"]
    assert len(answer["errors"]) == 1
    for word in ("authsvc", "ipc://sock/nobody", "AUTH", str(posthouse.run_dir)):
        assert word in answer["errors"][0]
    out, err = ctl_text(posthouse, "status", settings=quick, code=69)
    assert "away" in out and err.startswith("posthousectl: authsvc does not answer")


def test_two_addresses_of_one_process_are_one_place(posthouse):
    twice = "--frontends=ipc://sock/frontend1,ipc://sock/../sock/frontend1"
    assert len(ctl(posthouse, "status", settings=[twice])["services"]) == 4


def test_command_lines_that_are_wrong(posthouse):
    for words in ([], ["nothing"], ["kick"], ["kick", "a", "b"], ["kick", "--soon", "a"], ["status", "x"]):
        _, err = ctl_text(posthouse, *words, code=64)
        assert err.startswith("posthousectl: ")
    _, err = ctl_text(posthouse, "status", settings=["--nonsense=1"], code=78)
    assert "NONSENSE" in err
    out, _ = ctl_text(posthouse, "--help")
    assert "ADMIN_KEY" in out or "admin-key" in out


# ---- who may ----

def test_another_key_is_refused(posthouse, account, tmp_path):
    stranger = tmp_path / "stranger.key"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", stranger], check=True)
    c = posthouse.connect(account)
    for key, why in ((stranger, "not one of ADMIN_PUBLIC_KEYS"),
                     (posthouse.run_dir / "keys" / "ticket.key", "not one of ADMIN_PUBLIC_KEYS"),
                     (tmp_path / "none.key", "ADMIN_KEY cannot be read")):
        answer = ctl(posthouse, "kick", account, settings=[f"--admin-key={key}"], code=77)
        assert all(why in e for e in answer["errors"]) and len(answer["errors"]) == 2
        assert answer["kicked"] == 0
    c.ok("NOOP")
    # Health is everybody's to see.
    answer = ctl(posthouse, "status", settings=[f"--admin-key={stranger}"], code=77)
    assert [s["state"] for s in answer["services"]] == ["ready"] * 5
    assert len(answer["errors"]) == 1
    c.logout()


def test_orders_are_in_the_log(posthouse):
    ctl(posthouse, "kick", "nobody-at-all", code=1)
    for log in ("frontend1", "frontend2"):
        text = (posthouse.run_dir / "log" / f"{log}.log").read_text()
        assert f"posthouse.FrontendAdmin.Kick ordered by root@{socket.gethostname()}" in text or os.getuid() != 0


# ---- who ----

def test_who(posthouse, account):
    idle = posthouse.connect(account, frontend=1, tls=True)
    idle.ok("EXAMINE INBOX")
    idle.send(b"x IDLE\r\n")
    assert idle.read().tag == b"+"
    plain = posthouse.connect(account, frontend=2)
    pop = poplib.POP3("127.0.0.1", posthouse.pop3_port(2))
    pop.user(account)
    pop.pass_("secret")

    sessions = ctl(posthouse, "who", account)["sessions"]
    assert len(sessions) == 3 and {s["account"] for s in sessions} == {account}
    seen = {s["protocol"]: s for s in sessions}
    assert set(seen) == {"imaps", "imap", "pop3"}
    s = seen["imaps"]
    assert (s["state"], s["does"], s["mailbox"], s["read_only"]) == ("selected", "idle", "INBOX", True)
    assert s["tls"] == "TLSv1.3" and s["frontend"] == "ipc://sock/frontend1"
    assert s["client"] == "127.0.0.1:%d" % idle.socket.getsockname()[1]
    assert (seen["imap"]["state"], seen["imap"]["does"], seen["imap"]["tls"]) == ("authenticated", "waits", "")
    assert seen["pop3"]["frontend"] == "ipc://sock/frontend2"
    # The session's name is what the logs say.
    assert f"session {s['session']}" in (posthouse.run_dir / "log" / "frontend1.log").read_text()
    out, _ = ctl_text(posthouse, "who", account)
    assert out.splitlines()[-1] == "3 sessions"
    for c in (idle, plain):
        c.socket.close()
    pop.close()


def test_who_in_many_pages(posthouse):
    before = {s["session"] for s in ctl(posthouse, "who")["sessions"]}
    sockets = [socket.create_connection(("127.0.0.1", posthouse.port(1 + n % 2))) for n in range(1300)]
    for s in sockets:
        assert s.recv(4)
    sessions = ctl(posthouse, "who")["sessions"]
    clients = {s["client"] for s in sessions if s["session"] not in before}
    assert clients == {"127.0.0.1:%d" % s.getsockname()[1] for s in sockets}
    assert len({s["session"] for s in sessions}) == len(sessions)
    for s in sockets:
        s.close()


# ---- kick ----

def bye(client):
    """What the client is told at the end."""
    lines = []
    try:
        while True:
            lines.append(client.read().line)
    except (Closed, ConnectionResetError):
        return lines[-1] if lines else b""


def test_kick_one_session(posthouse, account):
    one, other = posthouse.connect(account), posthouse.connect(account, frontend=2)
    port = one.socket.getsockname()[1]
    session, = [s["session"] for s in ctl(posthouse, "who", account)["sessions"]
                if s["client"] == f"127.0.0.1:{port}"]
    answer = ctl(posthouse, "kick", session)
    assert answer["kicked"] == 1 and answer["frontends"][0]["frontend"] == "ipc://sock/frontend1"
    assert bye(one) == b"* BYE Session ended by the operator"
    other.ok("NOOP")
    out, _ = ctl_text(posthouse, "kick", account)
    assert out == "1 session ended\n"
    assert bye(other).startswith(b"* BYE")
    ctl(posthouse, "kick", account, code=1)


def fill(posthouse, account, count=30):
    c = posthouse.connect(account)
    for n in range(count):
        c.append("INBOX", b"Subject: %d\r\n\r\n" % n + b"x" * 5000 + b"\r\n")
    c.logout()


def test_kick_under_load(posthouse, account):
    """Whoever is in the middle of a command is answered, then told goodbye; others notice nothing."""
    bystander = posthouse.user("by" + account)
    fill(posthouse, account)
    ends, rounds, stop = [], [], threading.Event()

    def work(name, frontend):
        c = posthouse.connect(name, frontend=frontend)
        c.ok("SELECT INBOX")
        while not stop.is_set():
            tag = c.next_tag()
            c.send(tag + b" UID FETCH 1:* BODY.PEEK[]\r\n")
            bodies = 0
            while (r := c.read()).tag != tag:
                if r.line.startswith(b"* BYE"):
                    ends.append((name, bodies, r.line))
                    with pytest.raises(Closed):
                        c.read()
                    return
                bodies += len(r.literals)
            assert (bodies, r.status) == (30, b"OK")
            rounds.append(name)
        ends.append((name, 0, b"went on"))

    threads = [threading.Thread(target=work, args=(account, 1 + n % 2)) for n in range(8)]
    threads += [threading.Thread(target=work, args=(bystander, 1 + n % 2)) for n in range(2)]
    fill(posthouse, bystander)
    for t in threads:
        t.start()
    eventually(lambda: rounds.count(account) >= 16)
    assert ctl(posthouse, "kick", account)["kicked"] == 8
    for t in threads[:8]:
        t.join(30)
    stop.set()
    for t in threads[8:]:
        t.join(30)
    # No goodbye came in the middle of an answer.
    assert sorted(ends) == sorted([(account, 0, b"* BYE Session ended by the operator")] * 8 +
                                  [(bystander, 0, b"went on")] * 2)
    assert ctl(posthouse, "who", account)["sessions"] == []


def test_kick_now_does_not_wait(posthouse, account):
    c = posthouse.connect(account)
    c.send(b"x APPEND INBOX {100}\r\n")
    assert c.read().tag == b"+"
    assert ctl(posthouse, "kick", account)["kicked"] == 1      # will go when its message is stored
    assert len(ctl(posthouse, "who", account)["sessions"]) == 1
    assert ctl(posthouse, "kick", "--now", account)["kicked"] == 1
    assert bye(c) == b""
    pop = poplib.POP3("127.0.0.1", posthouse.pop3_port(1))
    pop.user(account)
    pop.pass_("secret")
    ctl(posthouse, "kick", "--now", account)
    assert pop.file.readline() == b"-ERR Session ended by the operator\r\n"
    pop.close()
