"""Limits that hold over all frontends, counted in Redis."""

import os
import poplib
import signal
import time

import pytest

from imap import Imap


def pop3(posthouse, user, frontend=1):
    c = poplib.POP3("127.0.0.1", posthouse.pop3_port(frontend), timeout=30)
    c.user(user)
    c.pass_("secret")
    return c


def test_connections_of_an_account(own_posthouse):
    posthouse = own_posthouse(MAXPERUSER="3")
    user, other = posthouse.user("alice@example.test"), posthouse.user("bob@example.test")
    time.sleep(0.3)             # until both frontends have found Redis
    open_ones = [posthouse.connect(user, frontend=1), posthouse.connect(user, frontend=2)]
    session = pop3(posthouse, user, frontend=2)
    for frontend in (1, 2):
        c = Imap(posthouse.port(frontend))
        tagged, _ = c.command(b"LOGIN alice@example.test secret")
        assert tagged.line.split(b" ", 1)[1].startswith(b"NO [LIMIT]")
        posthouse.connect(other, frontend=frontend).logout()
    with pytest.raises(poplib.error_proto, match=r"SYS/TEMP"):
        pop3(posthouse, user)
    session.quit()
    time.sleep(0.2)
    posthouse.connect(user, frontend=1).logout()
    for c in open_ones:
        c.logout()


def test_login_delay(own_posthouse):
    posthouse = own_posthouse(POP3_LOGIN_DELAY="2s")
    user = posthouse.user("alice@example.test")
    time.sleep(0.3)
    first = pop3(posthouse, user)
    assert first.capa()["LOGIN-DELAY"] == ["2"]
    first.quit()
    for frontend in (1, 2):
        with pytest.raises(poplib.error_proto, match=r"\[LOGIN-DELAY\]"):
            pop3(posthouse, user, frontend)
    posthouse.connect(user).logout()
    time.sleep(2)
    pop3(posthouse, user, frontend=2).quit()


def test_access_file(own_posthouse, tmp_path):
    access = tmp_path / "access"
    access.write_text("127.0.0.1\tallow,MAXCPERIP=2\n")
    posthouse = own_posthouse(ACCESSFILE=str(access))
    time.sleep(0.3)
    one, two = Imap(posthouse.port(1)), Imap(posthouse.port(2))
    assert Imap(posthouse.port(1)).greeting.line.startswith(b"* BYE [UNAVAILABLE]")
    access.write_text("127\tdeny\n")
    os.kill(posthouse.pids()["frontend2"], signal.SIGHUP)
    deadline = time.monotonic() + 10
    while not (denied := Imap(posthouse.port(2)).greeting.line).startswith(b"* BYE Connections from your address"):
        assert time.monotonic() < deadline, denied
        time.sleep(0.05)
    assert one.ok("NOOP") is not None
    two.ok("LOGOUT")
