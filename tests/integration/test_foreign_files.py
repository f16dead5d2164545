"""Files that other programs have left in a Maildir."""

import poplib

from imap import Imap


def deliver(maildir, name, body, place="cur"):
    for folder in ("cur", "new", "tmp"):
        (maildir / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    (maildir / place / name).write_bytes(body)


def test_a_message_without_a_byte(posthouse, account):
    deliver(posthouse.maildir(account), "1500000001.M1P1.host:2,", b"")
    deliver(posthouse.maildir(account), "1500000002.M2P1.host", b"", place="new")
    pid = posthouse.pids()["storesvc"]
    pop = poplib.POP3("127.0.0.1", posthouse.pop3_port())
    pop.user(account)
    pop.pass_("secret")
    assert pop.stat() == (2, 0)
    for number in (1, 2):
        assert pop.retr(number)[1] == []
        assert pop.top(number, 0)[1] == []
    pop.quit()
    c = posthouse.connect(account)
    assert c.select("INBOX")["exists"] == 2
    for item in ("BODY.PEEK[]", "BODY.PEEK[TEXT]", "BODY.PEEK[HEADER]", "BODY.PEEK[]<0.10>", "BODY.PEEK[]<5.10>",
                 "RFC822.SIZE", "ENVELOPE", "BODYSTRUCTURE"):
        assert len(c.ok(f"FETCH 1:2 ({item})")) == 2, item
    assert c.ok("SEARCH TEXT x")[0].line == b"* SEARCH"
    c.ok("CREATE Copies")
    c.ok("COPY 1:2 Copies")
    c.ok("MOVE 1 Copies")
    assert c.select("Copies")["exists"] == 3
    assert posthouse.pids()["storesvc"] == pid, "storesvc died"


def names(responses):
    return sorted(r.line.rsplit(b" ", 1)[1].strip(b'"') for r in responses if b" LSUB " in r.line)


def test_dovecot_s_subscriptions_are_taken_over(posthouse, account):
    c = posthouse.connect(account)
    for folder in ("Work", "Work/Old", "Other"):
        c.ok(f'CREATE "{folder}"')
    maildir = posthouse.maildir(account)
    (maildir / "courierimapsubscribed").unlink(missing_ok=True)
    (maildir / "subscriptions").write_bytes(b"V\t2\n\nINBOX\nWork\nWork\tOld\n")
    assert names(c.ok('LSUB "" "*"')) == [b"INBOX", b"Work", b"Work/Old"]
    c.ok("SUBSCRIBE Other")
    c.ok("UNSUBSCRIBE Work")
    assert names(c.ok('LSUB "" "*"')) == [b"INBOX", b"Other", b"Work/Old"]
    (maildir / "subscriptions").unlink()
    again = Imap(posthouse.port(2)).login(account, "secret")
    assert names(again.ok('LSUB "" "*"')) == [b"INBOX", b"Other", b"Work/Old"]
