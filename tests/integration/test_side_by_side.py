"""Several sessions with the same mailbox, on two frontends: what each is told of the others."""

import re

import pytest

MAIL = b"From: a@b.test\r\nSubject: s\r\n\r\nText\r\n"


def open_sessions(posthouse, account, how="SELECT"):
    """Four, two on each frontend, and a fifth that selects nothing."""
    sessions = [posthouse.connect(account, frontend=1 + i % 2) for i in range(4)]
    for c in sessions:
        c.select("INBOX", how)
    return sessions, posthouse.connect(account)


def recent_uids(c):
    found = set()
    for r in c.ok("UID FETCH 1:* (FLAGS)"):
        uid = re.search(rb"UID (\d+)", r.line)
        if uid and b"\\Recent" in r.line:
            found.add(int(uid.group(1)))
    return found


def test_a_new_message_is_recent_for_one_session(posthouse, account):
    sessions, other = open_sessions(posthouse, account)
    for _ in range(5):
        other.append("INBOX", MAIL)
        for c in sessions:
            c.ok("NOOP")
    seen = [recent_uids(c) for c in sessions]
    assert sorted(uid for uids in seen for uid in uids) == [1, 2, 3, 4, 5]
    for c, uids in zip(sessions, seen):
        found = [r.line for r in c.ok("UID SEARCH RECENT") if r.line.startswith(b"* SEARCH")]
        assert {int(n) for n in found[0].split()[2:]} == uids
        told = c.ok("UID STORE 1:5 FLAGS (\\Seen)")
        shown = {int(re.search(rb"UID (\d+)", r.line).group(1)) for r in told
                 if b"FETCH" in r.line and b"\\Recent" in r.line}
        assert shown <= uids


def test_looking_read_only_takes_nothing(posthouse, account):
    watchers, other = open_sessions(posthouse, account, "EXAMINE")
    other.append("INBOX", MAIL)
    for c in watchers:
        c.ok("NOOP")
        assert recent_uids(c) == {1}
    assert other.select("INBOX", "EXAMINE")["recent"] == 1
    assert other.select("INBOX")["recent"] == 1
    assert other.select("INBOX")["recent"] == 0


def test_selecting_at_the_same_time_takes_once(posthouse, account):
    sessions = [posthouse.connect(account, frontend=1 + i % 2) for i in range(4)]
    for round_ in range(8):
        sessions[0].append("INBOX", MAIL)
        for c in sessions:
            c.send(b"s SELECT INBOX\r\n")
        recent = 0
        for c in sessions:
            _, untagged = c.collect(b"s")
            recent += sum(int(r.line.split()[1]) for r in untagged if r.line.endswith(b" RECENT"))
            c.ok("UNSELECT")
        assert recent == 1, round_
