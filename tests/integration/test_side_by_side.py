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


def test_numbers_of_messages_that_are_gone(posthouse, account):
    one, two = posthouse.connect(account, frontend=1), posthouse.connect(account, frontend=2)
    for _ in range(5):
        one.append("INBOX", MAIL)
    one.ok("CREATE there")
    one.select("INBOX")
    two.select("INBOX")
    two.ok("UID STORE 2:4 +FLAGS.SILENT (\\Deleted)")
    two.ok("EXPUNGE")
    for command, numbers in (("FETCH 1:3 FLAGS", [1]), ("FETCH 2:4 (UID BODY.PEEK[])", []), ("STORE 2:3 +FLAGS.SILENT (\\Seen)", []),
                             ("STORE 1:3 +FLAGS (\\Flagged)", [1]), ("STORE 1:5 +FLAGS (\\Flagged)", [1, 5])):
        tagged, untagged = one.command(command)
        assert tagged.line.split()[1:3] == [b"OK", b"[EXPUNGEISSUED]"], command
        assert [int(r.line.split()[1]) for r in untagged if b" FETCH " in r.line] == numbers, command
        assert not any(b"EXPUNGE" in r.line for r in untagged)
    assert one.ok("FETCH 1 (UID)")[0].line == b"* 1 FETCH (UID 1)"
    for command in ("COPY 2:3 there", "MOVE 2:3 there"):
        three = posthouse.connect(account)
        assert three.select("INBOX")["exists"] == 2
        tagged, _ = one.command(command)
        assert tagged.line.split()[1] == (b"NO" if command.startswith("COPY") else tagged.line.split()[1])
    tagged, untagged = one.command("UID FETCH 1:5 FLAGS")
    assert tagged.status == b"OK" and b"EXPUNGEISSUED" not in tagged.line


@pytest.mark.parametrize("watching", ["FETCH 1:2 FLAGS", "UID FETCH 1:2 (UID BODY[])", "NOOP", "UID STORE 2 +FLAGS ($Mine2)"])
def test_keywords_are_told_before_they_are_shown(posthouse, account, watching):
    one, two = posthouse.connect(account, frontend=1), posthouse.connect(account, frontend=2)
    for _ in range(2):
        one.append("INBOX", MAIL)
    one.select("INBOX")
    two.select("INBOX")

    def check(lines, keyword):
        kinds = [b"FLAGS" if re.match(rb"\* FLAGS .*" + keyword, line) else
                 b"PERMANENT" if re.match(rb"\* OK \[PERMANENTFLAGS .*" + keyword, line) else
                 b"FETCH" if re.match(rb"\* \d+ FETCH .*" + keyword, line, re.DOTALL) else b"" for line in lines]
        told = [kind for kind in kinds if kind]
        assert told[:3] == [b"FLAGS", b"PERMANENT", b"FETCH"], lines

    check([r.line for r in two.ok("STORE 1:2 +FLAGS ($First Mine)")], rb"\$First")
    check([r.line for r in one.ok(watching)], rb"\$First")


def test_search_modseq_is_that_of_what_is_told(posthouse, account):
    c = posthouse.connect(account)
    for _ in range(3):
        c.append("INBOX", MAIL)
    c.select("INBOX")
    for number in (1, 3, 2):
        c.ok(f"STORE {number} +FLAGS.SILENT (\\Seen)")
    modseqs = {int(r.line.split()[1]): int(re.search(rb"MODSEQ \((\d+)", r.line).group(1))
               for r in c.ok("FETCH 1:3 (MODSEQ)") if b" FETCH " in r.line}
    assert modseqs[1] < modseqs[3] < modseqs[2]
    for want, number in (("MIN", 1), ("MAX", 3), ("MIN MAX", 3), ("COUNT", 2), ("MIN COUNT", 2), ("", 2), ("MAX ALL", 2)):
        told = [r.line for r in c.ok(f"SEARCH RETURN ({want}) MODSEQ 1") if b"ESEARCH" in r.line]
        assert told[0].endswith(b" MODSEQ %d" % modseqs[number]), want
