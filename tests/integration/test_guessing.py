"""Guessing, against two authsvc that share a Redis."""

import os
import shutil
import subprocess
import time

import pytest

from conftest import BUILD
from test_auth_sources import Auth

DELAY = 0.4     # what AUTH_FAIL_DELAY says, in seconds
SLACK = 0.3     # of a busy machine: less than what the next failure would add


@pytest.fixture
def redis(tmp_path):
    socket = tmp_path / "redis.sock"
    server = subprocess.Popen(
        ["redis-server", "--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no",
         "--dir", str(tmp_path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not socket.exists():
        assert server.poll() is None
        time.sleep(0.02)
    yield str(socket)
    server.kill()
    server.wait()


@pytest.fixture
def pair(redis, tmp_path):
    """Two authsvc of one installation."""
    made = []
    for n in range(2):
        made.append(Auth(tmp_path / f"auth{n}", "userdb", AUTH_FAIL_DELAY=f"{DELAY * 1000:.0f}ms",
                         REDIS_URL=f"unix://{redis}", TICKET_KEY=str(tmp_path / "auth0" / "ticket.key")))
        made[n].userdb("alice@example.test", "wonderland")
    yield made
    for one in made:
        one.stop()


def seconds(auth, password, expected=1):
    """What a login takes that has all the time it wants."""
    begun = time.monotonic()
    done = subprocess.run([str(BUILD / "bin/authtest"), "alice@example.test", password], check=False,
                          capture_output=True, env=dict(os.environ, AUTH=auth.url))
    assert done.returncode == expected
    return time.monotonic() - begun


def test_failures_count_wherever_they_happen(pair, redis):
    one, two = pair
    overhead = min(seconds(a, "wonderland", 0) for a in pair * 2)
    # A program that has the old password, and has it everywhere.
    for a in pair * 3:
        assert seconds(a, "the old one") < overhead + SLACK
    assert seconds(one, "guess one") >= DELAY
    assert seconds(two, "guess two") >= 2 * DELAY
    assert seconds(one, "guess three") >= 4 * DELAY
    # What was tried before is held back as long, and no longer.
    assert 4 * DELAY <= seconds(two, "guess one") < 4 * DELAY + overhead + SLACK
    assert 4 * DELAY <= seconds(one, "the old one") < 4 * DELAY + overhead + SLACK
    # Who knows the password does not wait, and has made all forgotten.
    assert seconds(one, "wonderland", 0) < overhead + SLACK
    assert seconds(one, "guess four") < overhead + SLACK

    # Redis has counts and marks, and nothing of the passwords.
    if shutil.which("redis-cli"):
        keys = subprocess.run(["redis-cli", "-s", redis, "KEYS", "*"], capture_output=True, text=True, check=True).stdout
        assert "posthouse:failures:account:alice@example.test" in keys
        assert keys.count("posthouse:failures:wrong:") == 5
        assert "guess" not in keys and "old" not in keys


def test_held_answers_keep_nobody_else_waiting(pair):
    """Many wrong passwords are held back at once; a right one is not kept waiting by them."""
    one = pair[0]
    one.userdb("bob@example.test", "builder")
    for i in range(3):
        seconds(one, f"guess {i}")
    stuck = [subprocess.Popen([str(BUILD / "bin/authtest"), "alice@example.test", f"more {i}"],
                              env=dict(os.environ, AUTH=one.url), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) for i in range(30)]
    time.sleep(1)
    begun = time.monotonic()
    assert one.code("bob@example.test", "builder") == 0
    assert time.monotonic() - begun < 2
    assert any(s.poll() is None for s in stuck)
    for s in stuck:
        s.kill()
        s.wait()
