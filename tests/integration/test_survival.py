"""What must survive: services killed at any moment, files damaged while stopped."""

import os
import random
import re
import signal
import threading
import time

import pytest

from imap import Closed, Refused

KILLS = int(os.environ.get("KILLS", "40"))


class Worker(threading.Thread):
    """One client that changes things and remembers what was acknowledged."""

    def __init__(self, posthouse, account, number, stop):
        super().__init__()
        self.c = posthouse.connect(account, frontend=1 + number % 2)
        self.number, self.stop, self.rng = number, stop, random.Random(number)
        self.mine = {}              # subject -> (uid or None, flagged, folder)
        self.gone = set()           # subjects whose expunge was acknowledged
        self.error, self.commands = None, 0
        self.c.select("INBOX")

    def run(self):
        try:
            serial = 0
            while not self.stop.is_set():
                serial += 1
                self.step(f"w{self.number}n{serial}")
        except (Closed, Refused, OSError, AssertionError) as e:
            self.error = e

    def step(self, subject):
        action = self.rng.choice(("append", "append", "append", "flag", "move", "expunge"))
        here = [s for s, (_, _, folder) in self.mine.items() if folder == "INBOX"]
        if action == "append" or not here:
            uid = self.c.append("INBOX", f"Subject: {subject}\r\n\r\nbody {subject}\r\n".encode())
            self.mine[subject] = (uid, False, "INBOX")
        elif action == "flag":
            name = self.rng.choice(here)
            self.c.ok(f"UID STORE {self.mine[name][0]} +FLAGS (\\Flagged)")
            self.mine[name] = (self.mine[name][0], True, "INBOX")
        elif action == "move":
            name = self.rng.choice(here)
            uid, flagged, _ = self.mine[name]
            moved = self.c.ok(f"UID MOVE {uid} Moved")
            code = next(m for m in (re.search(rb"COPYUID \d+ (\d+) (\d+)", r.line) for r in moved) if m)
            assert int(code.group(1)) == uid
            self.mine[name] = (int(code.group(2)), flagged, "Moved")
        else:
            name = self.rng.choice(here)
            uid = self.mine.pop(name)[0]
            self.c.ok(f"UID STORE {uid} +FLAGS.SILENT (\\Deleted)")
            self.c.ok(f"UID EXPUNGE {uid}")
            self.gone.add(name)
        self.commands += 1


def look(c, folder):
    """Subject -> (uid, flagged), and no subject twice."""
    c.select(folder)
    found = {}
    for r in c.ok("UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])"):
        uid = int(re.search(rb"UID (\d+)", r.line).group(1))
        subject = r.literals[0].split(b":", 1)[1].strip().decode()
        assert (folder, subject) not in found, f"{subject} is in {folder} twice"
        found[subject] = (uid, b"\\Flagged" in r.line)
    return found


def test_storesvc_killed_at_random_moments(own_posthouse):
    ph = own_posthouse(MAXPERIP="0")
    ph.connect("alice", "alice-demo").ok("CREATE Moved")
    ph.user("alice", "secret")
    stop, rng = threading.Event(), random.Random()
    workers = [Worker(ph, "alice", i, stop) for i in range(6)]
    for w in workers:
        w.start()
    uid_meaning = {}
    for _ in range(KILLS):
        time.sleep(rng.uniform(0.05, 0.6))
        ph.kill("storesvc")
    time.sleep(1)
    stop.set()
    for w in workers:
        w.join(120)
        assert not w.is_alive(), "a command never came back"
        assert w.error is None, f"worker {w.number}: {w.error!r}"
    assert sum(w.commands for w in workers) > KILLS
    c = ph.connect("alice", "secret")
    folders = {name: look(c, name) for name in ("INBOX", "Moved")}
    for w in workers:
        for subject, (uid, flagged, folder) in w.mine.items():
            assert subject in folders[folder], f"{subject} was acknowledged in {folder} and is lost"
            assert folders[folder][subject][0] == uid, f"{subject} has another UID"
            assert folders[folder][subject][1] or not flagged, f"{subject} lost its flag"
            other = "Moved" if folder == "INBOX" else "INBOX"
            assert subject not in folders[other], f"{subject} is in both folders"
            uid_meaning[folder, uid] = subject
        for subject in w.gone:
            assert not any(subject in f for f in folders.values()), f"{subject} came back"
    assert len(uid_meaning) == sum(len(w.mine) for w in workers)


def test_authsvc_and_frontend_killed(own_posthouse):
    ph = own_posthouse()
    c = ph.connect("alice", "alice-demo", frontend=1)
    c.append("INBOX", b"Subject: x\r\n\r\nx\r\n")
    ph.kill("authsvc")
    assert c.select("INBOX")["exists"] == 1              # sessions do not need authsvc
    ph.connect("alice", "alice-demo", frontend=2).logout()   # a login waits for it
    ph.kill("frontend1")
    with pytest.raises((Closed, OSError)):
        c.ok("NOOP")
    deadline = time.monotonic() + 10
    while True:
        try:
            assert ph.connect("alice", "alice-demo", frontend=1).select("INBOX")["exists"] == 1
            return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def snapshot(ph, user, password):
    c = ph.connect(user, password)
    result = {}
    for folder in ("INBOX", "Work"):
        told = c.select(folder)
        result[folder] = (told["uidvalidity"], told["highestmodseq"], c.flags(),
                          {u: c.body(u) for u in c.uids()})
    return result


DAMAGE = {
    "removed": lambda p, rng: p.unlink(),
    "emptied": lambda p, rng: p.write_bytes(b""),
    "truncated": lambda p, rng: p.write_bytes(p.read_bytes()[:rng.randrange(1, max(2, p.stat().st_size))]),
    "flipped": lambda p, rng: flip(p, rng),
}


def flip(p, rng):
    data = bytearray(p.read_bytes())
    for _ in range(3):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    p.write_bytes(data)


def test_index_and_cache_damaged(own_posthouse):
    ph = own_posthouse()
    c = ph.connect("alice", "alice-demo")
    c.ok("CREATE Work")
    for i in range(30):
        flags = f"(\\Seen $Key{i % 7})" if i % 3 else ""
        c.append("INBOX" if i % 2 else "Work", b"Subject: %d\r\n\r\nbody %d\r\n" % (i, i), flags)
    c.select("INBOX")
    c.ok("STORE 2 +FLAGS (\\Deleted)")
    c.ok("EXPUNGE")
    c.ok("FETCH 1:* (ENVELOPE BODYSTRUCTURE)")
    before = snapshot(ph, "alice", "alice-demo")
    seed = random.randrange(10 ** 9)
    print("seed", seed)
    rng = random.Random(seed)
    for how, damage in DAMAGE.items():
        ph.stop()
        files = [p for name in ("posthouse-index", "posthouse-cache")
                 for p in ph.maildir("alice").rglob(name)]
        assert files, "nothing to damage"
        for p in files:
            damage(p, rng)
        ph.start()
        after = snapshot(ph, "alice", "alice-demo")
        for folder, (validity, modseq, flags, bodies) in before.items():
            assert after[folder][0] == validity, how
            assert after[folder][1] >= modseq, how
            assert after[folder][2:] == (flags, bodies), how
        before = after


def test_two_runs_side_by_side_and_nothing_left(own_posthouse):
    one, two = own_posthouse(), own_posthouse()
    one.connect("alice", "alice-demo").append("INBOX", b"Subject: x\r\n\r\nx\r\n")
    assert two.connect("alice", "alice-demo").select("INBOX")["exists"] == 0
    pids = one.pids()
    assert {"redis", "authsvc", "storesvc", "outboxsvc", "frontend1", "frontend2"} <= set(pids)
    one.stop()
    for name, pid in pids.items():
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
            print(f"{name} is left")
    one.start()
    assert one.connect("alice", "alice-demo").select("INBOX")["exists"] == 1


def test_second_store_on_the_same_root_refuses(own_posthouse):
    import subprocess
    from conftest import BUILD
    ph = own_posthouse()
    second = subprocess.run(
        [str(BUILD / "bin" / "posthouse-storesvc"), "--config=/dev/null",
         "--listen=ipc://sock/second", f"--maildir-root={ph.run_dir}/mail",
         f"--ticket-public-keys={ph.run_dir}/keys/ticket.pub"],
        cwd=ph.run_dir, capture_output=True, timeout=20, check=False)
    assert second.returncode != 0
    assert b"lock" in second.stderr.lower()
    assert ph.connect("alice", "alice-demo").select("INBOX")["exists"] == 0


def test_frontend_drains(own_posthouse):
    ph = own_posthouse()
    c = ph.connect("alice", "alice-demo", frontend=2)
    c.select("INBOX")
    ph.kill("frontend2", signal.SIGTERM)
    assert c.wait_for(rb"^\* BYE", 10)
