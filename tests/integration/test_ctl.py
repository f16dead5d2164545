"""posthousectl: what an operator sees of running services, and orders."""

import fcntl
import json
import os
import poplib
import pty
import select
import signal
import socket
import struct
import subprocess
import termios
import threading
import time

import pyte
import pytest

from conftest import BUILD, ROOT
from imap import Closed, Refused
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


@pytest.fixture(autouse=True)
def well(posthouse):
    """Services know their readiness half a second late."""
    eventually(lambda: is_well(posthouse))


def test_status(posthouse):
    eventually(lambda: not any(s["degraded"] for s in ctl(posthouse, "status")["services"]))
    services = ctl(posthouse, "status")["services"]
    assert [s["name"] for s in services] == ["frontend", "frontend", "authsvc", "outboxsvc", "store1"]
    pids = posthouse.pids()
    assert [s["pid"] for s in services] == [
        pids[name] for name in ("frontend1", "frontend2", "authsvc", "outboxsvc", "storesvc")]
    for s in services:
        assert (s["state"], s["missing"], s["degraded"], s["version"]) == ("ready", [], [], "0.1")
        assert s["up_s"] >= 0 and s["host"] == socket.gethostname() and s["listen"].startswith("ipc://")
    assert len({s["instance"] for s in services}) == 5
    out, _ = ctl_text(posthouse, "status")
    assert out.splitlines()[0].split() == ["SERVICE", "STATE", "VERSION", "UP", "HOST", "PID", "ADDRESS", "MISSING", "DEGRADED"]
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


# ---- user ----

def login_works(posthouse, name, password):
    try:
        posthouse.connect(name, password).logout()
    except Refused:
        return False
    return True


def test_user_life(posthouse, account):
    name = "new" + account
    assert ctl(posthouse, "user", "show", name, code=67)["errors"] == ["authsvc: There is no such account"]
    user = ctl(posthouse, "user", "add", "--quota=1000000S", "--full-name=New One", name, stdin="first word\n")["user"]
    assert (user["account"], user["module"], user["store"]) == (name, "userdb", "store1")
    assert user["home"] == str(posthouse.run_dir / "mail" / name) and user["full_name"] == "New One"
    assert login_works(posthouse, name, "first word")
    assert ctl(posthouse, "user", "add", name, stdin="x\n", code=73)["errors"]
    assert ctl(posthouse, "user", "show", name)["user"] == user

    c = posthouse.connect(name, "first word")
    c.append("INBOX", b"Subject: a\r\n\r\nb\r\n")
    assert ctl(posthouse, "user", "passwd", name, stdin="second\n")["changed"] == name
    assert not login_works(posthouse, name, "first word") and login_works(posthouse, name, "second")
    assert ctl(posthouse, "user", "passwd", name, stdin="", code=65)["errors"]
    assert ctl(posthouse, "user", "passwd", "nobody" + name, stdin="x\n", code=67)

    out, _ = ctl_text(posthouse, "user", "list")
    assert any(line.split()[:3] == [name, "store1", "userdb"] for line in out.splitlines())
    gone = ctl(posthouse, "user", "del", "--kick", name)
    assert gone["kicked"] == 1 and gone["maildir"] == user["maildir"]
    assert bye(c).startswith(b"* BYE")
    assert not login_works(posthouse, name, "second") and (posthouse.run_dir / "mail" / name / "Maildir").is_dir()
    ctl(posthouse, "user", "del", name, code=67)
    # What the others have is as it was.
    assert login_works(posthouse, account, "secret")


def test_user_list_is_whole_and_sorted(posthouse, account):
    subprocess.run([str(ROOT / "tools" / "user.sh"), "users", "", "", "300"], check=True,
                   env=posthouse.environment, stdout=subprocess.DEVNULL)
    users = [u["account"] for u in ctl(posthouse, "user", "list")["users"]]
    assert users == sorted(users) and len(set(users)) == len(users)
    assert {account, "alice", "bob", *(f"user{n:04}@example.test" for n in range(1, 301))} <= set(users)


def test_user_names_that_are_none(posthouse):
    for name, code in (("../escape", 64), (".hidden", 64), ("a|b", 65), ("tab\tb", 65)):
        ctl_text(posthouse, "user", "add", name, stdin="x\n", code=code)
    ctl_text(posthouse, "user", "add", "--home=relative", "someone", stdin="x\n", code=65)
    ctl_text(posthouse, "user", "add", "--uid=12", "someone", stdin="x\n", code=65)
    ctl_text(posthouse, "user", "add", "--module=pam", "someone", stdin="x\n", code=65)


# ---- mailbox ----

def test_mailbox_list(posthouse, account):
    fill(posthouse, account, 3)
    c = posthouse.connect(account)
    c.ok("CREATE Sent")
    c.ok('CREATE "Entw&APw-rfe"')
    c.logout()
    boxes = {b["name"]: b for b in ctl(posthouse, "mailbox", "list", account)["mailboxes"]}
    assert set(boxes) == {"INBOX", "Sent", "Entw\u00fcrfe"}
    assert (boxes["INBOX"]["messages"], boxes["INBOX"]["unseen"], boxes["INBOX"]["uidnext"]) == (3, 3, 4)
    assert boxes["INBOX"]["bytes"] > 15000 and boxes["Sent"]["special_use"] == "\\Sent"
    ctl(posthouse, "mailbox", "list", "nobody-at-all", code=67)


def damage(path):
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle:middle + 40] = bytes(b ^ 0xff for b in data[middle:middle + 40])
    path.write_bytes(data)


def test_mailbox_check_and_rebuild_on_a_damaged_folder(posthouse, account):
    fill(posthouse, account, 20)
    c = posthouse.connect(account)
    c.ok("SELECT INBOX")
    before = [r.line for r in c.ok("UID FETCH 1:* (FLAGS RFC822.SIZE)")]
    good = ctl(posthouse, "mailbox", "check", "--deep", account)
    assert good["findings"] == [] and good["mailboxes"][0]["messages"] == 20

    maildir = posthouse.maildir(account)
    first, second = sorted((maildir / "cur").iterdir())[:2]
    os.link(second, maildir / "cur" / ("z" + second.name))
    first.write_bytes(first.read_bytes() + b"edited\n")
    found = ctl(posthouse, "mailbox", "check", account, "INBOX", code=1)["findings"]
    kinds = {f["kind"]: f for f in found}
    assert kinds["size-in-name"]["file"] == f"cur/{first.name}" and kinds["size-in-name"]["cure"] == "by hand"
    # The second file with one UID is a message of its own by now, or will be.
    eventually(lambda: ctl(posthouse, "mailbox", "list", account)["mailboxes"][0]["uidnext"] == 22)
    out, _ = ctl_text(posthouse, "mailbox", "check", account, code=1)
    assert first.name in out

    c.logout()
    posthouse.kill("storesvc", signal.SIGTERM)      # closes the mailbox: index and cache are written
    damage(maildir / "posthouse-cache")
    damage(maildir / "posthouse-index")
    # A store that came back may need a moment until it is asked.
    found = eventually(lambda: mailbox_findings(posthouse, account))
    assert "index-damaged" in found
    rebuilt = ctl(posthouse, "mailbox", "rebuild", account)["mailboxes"]
    assert rebuilt[0]["messages"] == 21 and "posthouse-index" in rebuilt[0]["removed"]
    assert "index-damaged" not in mailbox_findings(posthouse, account)
    c = posthouse.connect(account)
    c.ok("SELECT INBOX")
    after = [r.line for r in c.ok("UID FETCH 2:20 (FLAGS RFC822.SIZE)")]
    assert [a.replace(b"\\Recent ", b"").replace(b"\\Recent", b"") for a in after] == \
        [b.replace(b"\\Recent ", b"").replace(b"\\Recent", b"") for b in before[1:]]
    c.logout()


def mailbox_findings(posthouse, account):
    done = subprocess.run([CTL, f"--config={posthouse.run_dir}/posthousectl.conf", "--json", "mailbox", "check", account],
                          capture_output=True, text=True)
    return {f["kind"] for f in json.loads(done.stdout)["findings"]}


def test_rebuild_while_it_is_used(posthouse, account):
    fill(posthouse, account, 50)
    stop, rounds = threading.Event(), []

    def work(frontend):
        c = posthouse.connect(account, frontend=frontend)
        c.ok("SELECT INBOX")
        while not stop.is_set():
            assert len([r for r in c.ok("UID FETCH 1:50 (FLAGS)") if b"FETCH" in r.line]) >= 50
            c.ok("UID STORE 7 +FLAGS (\\Flagged)")
            c.ok("UID STORE 7 -FLAGS (\\Flagged)")
            assert c.ok("UID FETCH 9 BODY.PEEK[]")[0].literals[0].startswith(b"Subject: 8")
            rounds.append(frontend)
        c.logout()

    threads = [threading.Thread(target=work, args=(1 + n % 2,)) for n in range(4)]
    for t in threads:
        t.start()
    for _ in range(5):
        seen = len(rounds)
        eventually(lambda: len(rounds) > seen + 4)
        assert ctl(posthouse, "mailbox", "rebuild", account, "inbox")["mailboxes"][0]["messages"] == 50
    seen = len(rounds)
    eventually(lambda: len(rounds) > seen + 8)
    stop.set()
    for t in threads:
        t.join(30)
    assert not any(t.is_alive() for t in threads) and len(rounds) > 20
    assert ctl(posthouse, "mailbox", "check", "--deep", account)["findings"] == []


def test_rebuild_of_nothing(posthouse, account):
    posthouse.connect(account).logout()
    ctl(posthouse, "mailbox", "rebuild", account, "None", code=67)
    ctl(posthouse, "mailbox", "rebuild", "nobody-at-all", code=67)
    stores = "--stores=other=ipc://sock/storesvc"
    answer = ctl(posthouse, "mailbox", "list", account, settings=[stores], code=78)
    assert "STORES" in answer["errors"][0] and "store1" in answer["errors"][0]


# ---- store ----

def test_store_list(posthouse, account):
    fill(posthouse, account, 4)
    plain, = ctl(posthouse, "store", "list")["stores"]
    accounts = ctl(posthouse, "user", "list")["users"]
    assert plain["store"] == "store1" and plain["accounts"] == len(accounts) and "messages" not in plain
    assert 0 < plain["disk_free"] <= plain["disk_size"] and plain["root"] == str(posthouse.run_dir / "mail")
    counted, = ctl(posthouse, "store", "list", "--count")["stores"]
    there = sum(1 for a in accounts for box in ("cur", "new", ".*/cur", ".*/new")
                for _ in posthouse.maildir(a["account"]).glob(f"{box}/*"))
    assert counted["messages"] == there >= 4 and counted["bytes"] > 20000
    out, _ = ctl_text(posthouse, "store", "list")
    assert out.splitlines()[0].split()[:3] == ["STORE", "ACCOUNTS", "OPEN"]


# ---- top ----

class Busy:
    """A client that does the same things over and over while the block runs."""

    def __init__(self, posthouse, account):
        self.client, self.over = posthouse.connect(account), threading.Event()
        self.thread = threading.Thread(target=self.work)

    def work(self):
        self.client.ok("SELECT INBOX")
        while not self.over.wait(0.005):
            self.client.ok("STATUS INBOX (MESSAGES)")
            self.client.command("RENAME nothing something")
        self.client.logout()

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(20)


def test_top_as_json(posthouse, account):
    with Busy(posthouse, account):
        first, second = ctl(posthouse, "top", "--interval-ms=500", "--count=2")["samples"]
    for sample in (first, second):
        rows = {(c["service"], c["command"]): c for c in sample["commands"]}
        status = rows["imap", "STATUS"]
        assert status["per_s"] > 5 and status["failed_s"] == 0 and 0 < status["mean_ms"] <= 1000 and status["p95_ms"] > 0
        rename = rows["imap", "RENAME"]
        assert rename["failed_s"] == rename["per_s"] > 5
        assert rows["storesvc", "Status"]["per_s"] > 5
        assert sample["sessions"]["imap"]["selected"] >= 1
        assert [s["state"] for s in sample["services"]] == ["ready"] * 5
        frontend = sample["services"][0]
        assert frontend["sessions"] >= 1 and frontend["calls_s"] > 10 and frontend["sent_s"] > 100


def test_top_where_there_is_no_terminal(posthouse):
    out, _ = ctl_text(posthouse, "top", "--interval-ms=250", "--count=2")
    assert out.count("SERVICE") == 2 and "CALLS/S" in out
    out, err = ctl_text(posthouse, "top", "--interval-ms=250", settings=["--outbox=ipc://sock/none", "--timeout=300ms"],
                        code=69)
    assert " away " in out and "OUTBOX" in err
    ctl_text(posthouse, "top", "--interval-ms=1", code=64)


class Screen:
    """posthousectl top on a terminal of 100 columns and 30 lines."""

    def __init__(self, posthouse, *words):
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.process = subprocess.Popen(
            [CTL, f"--config={posthouse.run_dir}/posthousectl.conf", "top", *words], stdin=theirs, stdout=theirs,
            stderr=theirs, env=dict(os.environ, TERM="xterm"), start_new_session=True)
        os.close(theirs)
        self.screen = pyte.Screen(100, 30)
        self.stream = pyte.ByteStream(self.screen)

    def wait_for(self, text, line=None, shown=True, seconds=10):
        """Until the text stands on the screen, or in that line of it; or does not."""
        deadline = time.monotonic() + seconds
        while (text in (self.screen.display[line] if line is not None else "\n".join(self.screen.display))) != shown:
            assert time.monotonic() < deadline, "\n".join(self.screen.display)
            if select.select([self.ours], [], [], 0.1)[0]:
                self.stream.feed(os.read(self.ours, 65536))

    def press(self, key):
        os.write(self.ours, key)


def test_top_on_a_terminal(posthouse, account):
    with Busy(posthouse, account):
        screen = Screen(posthouse, "--interval-ms=300")
        for text in ("SERVICE", " ready ", "STATUS", "RENAME"):
            screen.wait_for(text)
        screen.press(b"p")
        screen.wait_for("PAUSED", 0)
        screen.press(b"p")
        screen.wait_for("PAUSED", 0, shown=False)
        screen.press(b"s")
        screen.wait_for("by time", 0)
        screen.press(b"-")
        screen.wait_for("every 0.6 s", 0)
        screen.press(b"q")
    assert screen.process.wait(10) == 0
    os.close(screen.ours)


def test_top_ends_with_its_terminal(posthouse):
    screen = Screen(posthouse, "--interval-ms=300")
    screen.wait_for("SERVICE")
    os.close(screen.ours)
    screen.process.wait(10)


# ---- completion ----

def completed_by_bash(posthouse, line):
    """What pressing Tab at the end of the line offers."""
    script = """
        source "$1"
        COMP_LINE=$2 COMP_POINT=${#2}
        read -ra COMP_WORDS <<<"$2"
        [[ $2 == *" " ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _posthousectl
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    return offered(["bash", "--norc", "-c", script, "bash", str(ROOT / "tools/completion/posthousectl.bash"), line])


def completed_by_zsh(posthouse, line):
    script = """
        compadd() {
            while [[ $1 != -- ]]; do shift; done
            shift
            local one
            for one in "$@"; do [[ $one == $words[CURRENT]* ]] && print -r -- $one; done
            return 0
        }
        words=(${(s: :)2})
        [[ $2 == *" " ]] && words+=("")
        CURRENT=$#words
        source "$1"
    """
    return offered(["zsh", "-f", "-c", script, "zsh", str(ROOT / "tools/completion/_posthousectl"), line])


def offered(argv):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30,
                          env=dict(os.environ, PATH=f"{BUILD / 'bin'}:{os.environ['PATH']}"))
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return [line for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize("completed", [completed_by_bash, completed_by_zsh], ids=["bash", "zsh"])
def test_completion(posthouse, account, completed):
    c = posthouse.connect(account)
    c.ok("CREATE Drafts")
    c.logout()
    config = f"--config={posthouse.run_dir}/posthousectl.conf"
    rows = [
        ("posthousectl ", ["status", "who", "kick", "user", "mailbox", "store", "top"]),
        ("posthousectl st", ["status", "store"]),
        ("posthousectl --json user ", ["list", "show", "add", "passwd", "del"]),
        ("posthousectl mailbox re", ["rebuild"]),
        ("posthousectl store ", ["list"]),
        ("posthousectl kick --n", ["--now"]),
        ("posthousectl mailbox check --", ["--deep", "--json"]),
        ("posthousectl user add --qu", ["--quota="]),
        ("posthousectl status ", []),
        (f"posthousectl {config} who {account[:20]}", [account]),
        (f"posthousectl {config} mailbox check --deep {account} ", ["Drafts", "INBOX"]),
        (f"posthousectl {config} mailbox check {account} INBOX ", []),
        ("posthousectl --config=/nonexistent/x who ", []),
    ]
    for line, expected in rows:
        assert sorted(completed(posthouse, line)) == sorted(expected), line


def test_completion_knows_every_command(posthouse):
    """What --help lists, and nothing else."""
    out, _ = ctl_text(posthouse, "--help")
    commands = out.split("Commands:\n")[1].split("\n\n")[0]
    listed = {line.strip().split(" [")[0].rstrip(" ") for line in commands.splitlines() if line.startswith("  ") and
              not line.startswith("      ")}
    names = {" ".join(w for w in name.split() if w.islower()) for name in listed}
    known = set()
    for first in completed_by_bash(posthouse, "posthousectl "):
        second = completed_by_bash(posthouse, f"posthousectl {first} ") if first in ("user", "mailbox", "store") else []
        known |= {f"{first} {s}" for s in second} or {first}
    assert names == known
