"""A store that was cut off and comes back never writes to a tree that somebody else now owns."""

import os
import signal
import subprocess
import time

from conftest import BUILD
from imap import Imap


def tree(root):
    """Every file below, by what would change if somebody touched it."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            info = os.lstat(path)
            found[path] = (info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns)
    return found


def wait_for(what, condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.02)


class OtherStore:
    """A second storesvc on the same tree, as a cluster starts one when it believes the first one dead."""

    def __init__(self, ph):
        self.log = ph.run_dir / "log" / "other.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [str(BUILD / "bin" / "posthouse-storesvc"), "--config=/dev/null", "--listen=ipc://sock/other",
                 f"--maildir-root={ph.run_dir}/mail", f"--ticket-public-keys={ph.run_dir}/keys/ticket.pub"],
                cwd=ph.run_dir, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def owns(self):
        return "is ours, epoch" in self.log.read_text()

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def test_a_stopped_store_whose_tree_was_taken_writes_nothing(own_posthouse):
    ph = own_posthouse(STORE_WAIT="3s")
    watcher, writer, keeper = (ph.connect("alice", "alice-demo", frontend=f) for f in (1, 1, 2))
    for c in (watcher, writer, keeper):
        c.select("INBOX")
    kept = [writer.append("INBOX", b"Subject: kept %d\r\n\r\nbody\r\n" % n) for n in range(3)]
    old = ph.pids()["storesvc"]
    os.kill(old, signal.SIGSTOP)

    # While it stands still it has its lock: nobody takes the tree by mistake.
    refused = OtherStore(ph)
    assert refused.process.wait(30) == 75 and "two processes must not own one tree" in refused.log.read_text()
    # With the lock taken away, as a server of files does when it thinks a client dead, somebody may.
    (ph.run_dir / "mail" / "posthouse-store.lock").unlink()
    other = OtherStore(ph)
    try:
        wait_for("another owner", other.owns)
        # What waits for the old one when it goes on: changes of every kind, and a question.
        writer.send(b"a1 APPEND INBOX {16+}\r\nSubject: lost\r\n\r\n\r\na2 UID STORE 1:* +FLAGS (\\Flagged)\r\n")
        watcher.send(b"b1 CREATE Elsewhere\r\n")
        keeper.send(b"c1 UID MOVE 1:* Trash\r\n")
        time.sleep(0.3)
        before = tree(ph.run_dir / "mail")
        os.kill(old, signal.SIGCONT)
        wait_for("the old store's end", lambda: ph.pids().get("storesvc", old) != old)
        assert tree(ph.run_dir / "mail") == before
        log = (ph.run_dir / "log" / "storesvc.log").read_text()
        assert "is no longer ours: this store stops at once" in log
        assert "storesvc ended (75)" in ph.output.read_text()
        # Nothing was answered OK; the clients are told in time that they must try again.
        for c, tags in ((writer, (b"a1", b"a2")), (watcher, (b"b1",)), (keeper, (b"c1",))):
            for tag in tags:
                tagged, _ = c.collect(tag)
                assert tagged.status == b"NO", tagged
        assert tree(ph.run_dir / "mail") == before
    finally:
        other.stop()
    # When the other one leaves, whoever is started next owns the tree, and all that was acknowledged is there.
    wait_for("a store", lambda: Imap(ph.port()).login("alice", "alice-demo").command("EXAMINE INBOX")[0].status == b"OK")
    c = ph.connect("alice", "alice-demo")
    c.select("INBOX")
    assert c.uids()[-3:] == kept
