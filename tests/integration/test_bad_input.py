"""Rubbish gets an answer in IMAP's terms or a clean close, and harms nobody else."""

import random
import re
import socket
import time

import pytest

from conftest import BUILD
from imap import Closed, Imap

# Sanitizers keep what was freed, so their builds need more room for the same bytes.
ROOM = 16 if re.search(rb"lib[at]san", (BUILD / "bin" / "posthouse-frontend").read_bytes()) else 1


def memory_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


@pytest.fixture
def bystander(posthouse, account):
    """A session that must not notice."""
    c = posthouse.connect(account)
    c.append("INBOX", b"Subject: x\r\n\r\nx\r\n")
    c.select("INBOX")
    pid = posthouse.pids()["frontend1"]
    yield c
    assert c.uids() == [1] or len(c.uids()) == 1
    assert posthouse.pids()["frontend1"] == pid


@pytest.mark.parametrize("line", [
    b"", b" ", b"a", b"a ", b"a  NOOP", b"\0\0\0", b"a NO\0OP", b"a LOGIN \xff\xfe x", b"* NOOP", b"+ NOOP",
    b"a LOGIN {-1}", b"a LOGIN {99999999999999999999}", b"a LOGIN {18446744073709551615+}", b"a LOGIN {5",
    b"a LOGIN {+}", b"a FETCH 1:* (BODY[", b"a " + b"(" * 5000, b'a LOGIN "' + b"\\" * 999,
    b"a SEARCH " + b"NOT " * 3000 + b"ALL", b"a SEARCH " + b"(" * 2000 + b"ALL" + b")" * 2000,
    b"a UID", b"a UID FETCH", b"a FETCH " + b"1," * 20000 + b"1 FLAGS", b"\xff" * 100,
])
def test_line(posthouse, account, bystander, line):
    for logged_in in (False, True):
        c = Imap(posthouse.port())
        if logged_in:
            c.login(account, "secret")
            c.select("INBOX")
        c.send(line + b"\r\n")
        try:
            c.send(b"z LOGOUT\r\n")
            seen = []
            while True:
                seen.append(c.read())
                assert seen[-1].tag in (b"*", b"a", b"z", b"+") or seen[-1].status in (b"BAD", b"NO")
        except (Closed, ConnectionError):
            assert seen, "closed without a word"
        c.close()


def test_endless_line(posthouse, bystander):
    c = Imap(posthouse.port())
    before = memory_kib(posthouse.pids()["frontend1"])
    try:
        for _ in range(400):
            c.send(b"x" * 65536)
    except ConnectionError:
        pass
    assert memory_kib(posthouse.pids()["frontend1"]) - before < 8192 * ROOM
    c.close()


def test_huge_literal_is_refused_before_it_is_sent(posthouse, account, bystander):
    c = posthouse.connect(account)
    c.send(b"a APPEND INBOX {9999999999}\r\n")
    assert c.read().status in (b"NO", b"BAD")
    c.ok("NOOP")
    before = memory_kib(posthouse.pids()["frontend1"])
    c.send(b"b LOGIN {1000000000}\r\n")
    assert c.read().status in (b"NO", b"BAD")
    assert memory_kib(posthouse.pids()["frontend1"]) - before < 4096 * ROOM


def test_ten_thousand_pipelined(posthouse, bystander):
    c = Imap(posthouse.port())
    c.socket.settimeout(60)
    c.send(b"".join(b"p%d NOOP\r\n" % i for i in range(10000)))
    for i in range(10000):
        r = c.read()
        assert r.tag == b"p%d" % i and r.status == b"OK"


def test_half_closed(posthouse, account, bystander):
    c = posthouse.connect(account)
    c.send(b"a SELECT INBOX\r\nb FETCH 1 (FLAGS)\r\n")
    c.socket.shutdown(socket.SHUT_WR)
    answered = set()
    try:
        while True:
            answered.add(c.read().tag)
    except (Closed, ConnectionError):
        pass
    assert b"a" in answered or not answered - {b"*"}


def test_who_does_not_read(posthouse, account, bystander):
    """Asks for much and reads nothing: the server's memory stays bounded."""
    c = posthouse.connect(account)
    big = b"Subject: big\r\n\r\n" + b"0123456789abcde\r\n" * 400000
    c.append("INBOX", big)
    before = memory_kib(posthouse.pids()["frontend1"])
    greedy = []
    for _ in range(10):
        g = posthouse.connect(account)
        g.select("INBOX")
        g.send(b"".join(b"g%d FETCH 1:* BODY.PEEK[]\r\n" % i for i in range(50)))
        greedy.append(g)
    time.sleep(2)
    assert memory_kib(posthouse.pids()["frontend1"]) - before < 60 * 1024 * ROOM
    for g in greedy:
        g.close()
    c.select("INBOX")
    c.ok("STORE 2 +FLAGS.SILENT (\\Deleted)")
    c.ok("EXPUNGE")


def test_random_bytes(posthouse, bystander):
    seed = random.randrange(10 ** 9)
    print("seed", seed)
    rng = random.Random(seed)
    words = [b"a", b"LOGIN", b"{3+}", b"{5}", b"\r\n", b"(", b")", b'"', b" ", b"FETCH", b"1:*", b"\0", b"\xff",
             b"BODY[", b"]", b"<0.1>", b"SEARCH", b"UID", b"APPEND", b"*", b"%"]
    for _ in range(150):
        with socket.create_connection(("127.0.0.1", posthouse.port()), timeout=10) as s:
            s.sendall(b"".join(rng.choice(words) for _ in range(rng.randrange(1, 200))) + b"\r\n")
            s.shutdown(socket.SHUT_WR)
            while s.recv(65536):
                pass
