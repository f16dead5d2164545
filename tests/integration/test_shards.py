"""Two stores, each with its own accounts: what happens to one does not concern the other's."""

import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import time

import pytest

from conftest import BUILD, ROOT
from frontends import Frontend
from imap import Imap
from test_ops import eventually, get

MESSAGE = b"From: a@example.test\r\nSubject: hello\r\n\r\nbody\r\n"
# store -> accounts
PLACED = {"store1": ("anna@example.test", "arne@example.test"), "store2": ("bert@example.test", "bela@example.test")}
LATER = [f"new{i}@example.test" for i in range(4)]
READY = "ready\n"


class Accounts:
    """SQLite's: who is on which store, and where that store keeps its mail."""

    def __init__(self, file, run_dir):
        self.file, self.run_dir = file, run_dir
        with self.open() as db:
            db.executescript((ROOT / "deploy/sql/sqlite.sql").read_text())
            db.executemany("INSERT INTO stores (name) VALUES (?)", [(store,) for store in PLACED])
            for store, names in [*PLACED.items(), (None, LATER)]:
                db.executemany("INSERT INTO passwd (id, crypt, uid, gid, home, store) VALUES (?, '{PLAIN}secret', ?, ?, '', ?)",
                               [(name, os.getuid(), os.getgid(), store) for name in names])

    def open(self):
        return sqlite3.connect(self.file)

    def settings(self):
        home = f"CASE store WHEN 'store2' THEN '{self.run_dir}/mail2/' ELSE '{self.run_dir}/mail/' END || id"
        return {"AUTH_MODULES": "userdb sqlite", "SQLITE_DATABASE": str(self.file), "SQLITE_USER_TABLE": "passwd",
                "SQLITE_CRYPT_PWFIELD": "crypt", "SQLITE_STORE_FIELD": "store", "SQLITE_STORES_TABLE": "stores",
                "SQLITE_HOME_FIELD": home}

    def store_of(self, name):
        with self.open() as db:
            return db.execute("SELECT store FROM passwd WHERE id = ?", (name,)).fetchone()[0]


@pytest.fixture
def shards(own_posthouse, tmp_path):
    accounts = Accounts(tmp_path / "accounts", tmp_path / "run0")
    posthouse = own_posthouse(STORES_COUNT="2", **accounts.settings())
    posthouse.accounts = accounts
    for frontend in ("frontend1", "frontend2"):
        eventually(lambda: get(posthouse, frontend, "/readyz")[2] == READY)
    return posthouse


def messages_on_disk(posthouse, root, name):
    folder = pathlib.Path(posthouse.run_dir, root, name, "Maildir")
    return [file for place in ("new", "cur") for file in (folder / place).glob("*")]


def test_accounts_are_where_they_belong(shards):
    for store, root in (("store1", "mail"), ("store2", "mail2")):
        for name in PLACED[store]:
            for frontend in (1, 2):
                c = shards.connect(name, frontend=frontend)
                c.append("INBOX", MESSAGE)
                assert c.select("INBOX")["exists"] == frontend
                c.logout()
            assert len(messages_on_disk(shards, root, name)) == 2
        others = PLACED["store2" if store == "store1" else "store1"]
        assert not [name for name in others if pathlib.Path(shards.run_dir, root, name).exists()]
    # Those without a store are given one with their first login: the least loaded.
    for name in LATER:
        shards.connect(name).logout()
    placed = [shards.accounts.store_of(name) for name in LATER]
    assert placed == ["store1", "store2", "store1", "store2"]
    told = subprocess.run([str(BUILD / "bin" / "posthousectl"), f"--config={shards.run_dir}/posthousectl.conf", "--json",
                           "store", "list", "--count"], capture_output=True, check=True)
    stores = {s["store"]: s for s in json.loads(told.stdout)["stores"]}
    assert list(stores) == ["store1", "store2"]
    assert stores["store2"]["accounts"] == 4 and stores["store2"]["messages"] == 4


def test_a_ticket_for_one_store_is_no_good_at_another(shards, tmp_path):
    """A frontend whose STORES are mixed up: it says what is wrong, and shows nobody anything."""
    frontend = Frontend(shards, tmp_path / "mixed-up.log", STORES="store1=ipc://sock/storesvc2,store2=ipc://sock/storesvc")
    frontend.start()
    try:
        for name in (PLACED["store1"][0], PLACED["store2"][0]):
            c = Imap(frontend.imap).login(name, "secret")
            tagged, untagged = c.command("SELECT INBOX")
            assert tagged.status == b"NO" and b"on another store" in tagged.line, tagged
            c.close()
        assert not pathlib.Path(shards.run_dir, "mail2", PLACED["store1"][0]).exists()
    finally:
        frontend.stop()


def test_a_store_that_dies_is_missed_by_its_own_accounts_alone(shards):
    here, there = PLACED["store1"][0], PLACED["store2"][0]
    watchers = {name: shards.connect(name, frontend=2) for name in (here, there)}
    clients = {name: shards.connect(name, frontend=1) for name in (here, there)}
    for c in [*watchers.values(), *clients.values()]:
        c.select("INBOX")
    for name in (here, there):          # news travel from frontend to frontend, on both stores
        watchers[name].idle()
        clients[name].append("INBOX", MESSAGE)
        assert watchers[name].wait_for(rb"\* 1 EXISTS", 10)
    runner = shards.pids()["run"]
    os.kill(runner, signal.SIGSTOP)     # or it would start the store again
    try:
        os.kill(shards.pids()["storesvc2"], signal.SIGKILL)
        for frontend in ("frontend1", "frontend2"):
            eventually(lambda: get(shards, frontend, "/readyz")[::2] == (200, "ready, but missing: store2\n"))
        clients[there].send(b"w STATUS INBOX (MESSAGES)\r\n")
        slowest = 0
        for i in range(20):
            begun = time.monotonic()
            clients[here].append("INBOX", MESSAGE)
            assert watchers[here].wait_for(rb"\* %d EXISTS" % (i + 2), 10)
            slowest = max(slowest, time.monotonic() - begun)
        assert slowest < 2, slowest
        shards.connect(PLACED["store1"][1], frontend=2).logout()
        clients[there].socket.settimeout(0.5)
        with pytest.raises(TimeoutError):       # it waits, and is not turned away
            clients[there].socket.recv(1)
        clients[there].socket.settimeout(60)
    finally:
        os.kill(runner, signal.SIGCONT)
    clients[there].file = clients[there].socket.makefile("rb")
    tagged, untagged = clients[there].collect(b"w")
    assert tagged.status == b"OK" and any(b"(MESSAGES 1)" in r.line for r in untagged)
    clients[there].append("INBOX", MESSAGE)
    assert watchers[there].wait_for(rb"\* 2 EXISTS", 15)
    for name in (here, there):
        assert watchers[name].done()[0].status == b"OK"
    for c in [*watchers.values(), *clients.values()]:
        c.logout()
    for frontend in ("frontend1", "frontend2"):
        eventually(lambda: get(shards, frontend, "/readyz")[2] == READY)
