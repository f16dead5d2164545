"""Who changes what is told to everybody who looks, on every frontend."""

import os
import signal
import time


def deliver(maildir, text=b"Subject: delivered\n\nhello\n", name=None):
    """As a delivery agent does: write into tmp, then rename into new."""
    name = name or f"{time.time():.6f}.M{time.monotonic_ns()}P{os.getpid()}.agent"
    (maildir / "tmp" / name).write_bytes(text)
    os.rename(maildir / "tmp" / name, maildir / "new" / name)
    return name


def test_delivery_reaches_idlers_on_both_frontends(posthouse, account):
    watchers = [posthouse.connect(account, frontend=1 + i % 2) for i in range(6)]
    for w in watchers:
        w.select("INBOX")
        w.idle()
    deliver(posthouse.maildir(account))
    for w in watchers:
        w.wait_for(rb"^\* 1 EXISTS", 5)
        w.done()


def test_rename_in_cur_beside_the_server(posthouse, account):
    """What mutt does when it marks a message as read."""
    c = posthouse.connect(account)
    c.append("INBOX", b"Subject: one\r\n\r\nx\r\n")
    c.select("INBOX")
    (before,) = c.flags().items()
    cur = posthouse.maildir(account) / "cur"
    (name,) = os.listdir(cur)
    c.idle()
    os.rename(cur / name, cur / (name.split(":2,")[0] + ":2,FS"))
    c.wait_for(rb"FETCH .*\\Seen", 5)
    c.done()
    assert c.flags() == {before[0]: {b"\\Seen", b"\\Flagged"}}


def test_removal_beside_the_server(posthouse, account):
    c = posthouse.connect(account)
    for i in range(3):
        c.append("INBOX", b"Subject: %d\r\n\r\nx\r\n" % i)
    c.select("INBOX")
    uids = c.uids()
    cur = posthouse.maildir(account) / "cur"
    (second,) = [n for n in os.listdir(cur) if f"U={uids[1]}." in n]
    c.idle()
    os.unlink(cur / second)
    c.wait_for(rb"^\* 2 EXPUNGE", 5)
    c.done()
    assert c.uids() == [uids[0], uids[2]]


def test_file_copied_from_another_folder_is_new(posthouse, account):
    c = posthouse.connect(account)
    c.ok("CREATE Other")
    for _ in range(3):
        c.append("Other", b"Subject: x\r\n\r\nx\r\n")
    c.append("INBOX", b"Subject: x\r\n\r\nx\r\n")
    maildir = posthouse.maildir(account)
    for name in os.listdir(maildir / ".Other" / "cur"):
        os.link(maildir / ".Other" / "cur" / name, maildir / "cur" / name)
    c.select("INBOX")
    uids = c.uids()
    assert len(uids) == 4 and len(set(uids)) == 4
    assert len(os.listdir(maildir / "cur")) == 4


def test_noop_sees_a_delivery(posthouse, account):
    c = posthouse.connect(account)
    c.select("INBOX")
    deliver(posthouse.maildir(account))
    deadline = time.monotonic() + 5
    while not any(b"EXISTS" in r.line for r in c.ok("NOOP")):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_redis_away_and_back(own_posthouse):
    ph = own_posthouse()
    w = ph.connect("alice", "alice-demo", frontend=2)
    other = ph.connect("alice", "alice-demo", frontend=1)
    w.select("INBOX")
    w.idle()
    redis = ph.pids()["redis"]
    os.kill(redis, signal.SIGSTOP)          # there, but deaf: harder to notice than being gone
    other.append("INBOX", b"Subject: while away\r\n\r\nx\r\n")
    w.wait_for(rb"^\* 1 EXISTS", 30)
    os.kill(redis, signal.SIGCONT)
    ph.kill("redis")
    other.append("INBOX", b"Subject: just after\r\n\r\nx\r\n")
    w.wait_for(rb"^\* 2 EXISTS", 30)
    time.sleep(3)
    start = time.monotonic()
    other.append("INBOX", b"Subject: channel is back\r\n\r\nx\r\n")
    w.wait_for(rb"^\* 3 EXISTS", 30)
    assert time.monotonic() - start < 2
    w.done()
