"""Everything that goes wrong around the services, and programs that work in the same Maildirs."""

import os
import random
import signal
import threading
import time

from ledger import Entry, ABSENT

DISPOSABLE = ("posthouse-index", "posthouse-journal", "posthouse-cache")


class Actor(threading.Thread):
    """Does something now and then, until it is told to stop."""

    def __init__(self, seed, stop, pause):
        super().__init__(daemon=True)
        self.rng, self.stop, self.pause, self.done, self.broken = random.Random(seed), stop, pause, {}, None

    def run(self):
        while not self.stop.is_set():
            time.sleep(self.rng.uniform(0, 2 * self.pause))
            what = self.act()
            if what:
                self.done[what] = self.done.get(what, 0) + 1


class Outside(Actor):
    """Delivers into new/, renames and removes, as delivery agents and mutt do."""

    def __init__(self, posthouse, ledger, seed, stop):
        super().__init__(seed, stop, 0.03)
        self.folder = posthouse.maildir(ledger.account)
        self.ledger, self.serial, self.mine = ledger, 0, {}

    def act(self):
        return self.rng.choice((self.deliver, self.rename, self.remove, self.rename))()

    def deliver(self):
        self.serial += 1
        name = f"{int(time.time())}.P{os.getpid()}Q{id(self)}N{self.serial}.outside"
        subject = f"{self.ledger.account}-outside-{self.serial}"
        (self.folder / "tmp").mkdir(mode=0o700, exist_ok=True)
        draft = self.folder / "tmp" / name
        draft.write_bytes(b"Subject: %s\n\ndelivered\n" % subject.encode())
        entry = self.ledger.add(Entry(subject, {"INBOX"}))
        os.rename(draft, self.folder / "new" / name)
        self.mine[name] = entry
        return "delivered"

    def file_of(self, base):
        """The message's file, once it was taken in: its name begins as it was delivered."""
        with os.scandir(self.folder / "cur") as files:
            return next((f for f in files if f.name.startswith(base)), None)

    def rename(self):
        """Adds R (\\Answered)."""
        if not self.mine:
            return None
        base = self.rng.choice(list(self.mine))
        file = self.file_of(base)
        if not file or ":2," not in file.name or "R" in file.name.split(":2,")[1]:
            return None
        stem, letters = file.name.split(":2,")
        try:
            os.rename(file.path, self.folder / "cur" / f"{stem}:2,{''.join(sorted(letters + 'R'))}")
        except FileNotFoundError:
            return None
        self.mine[base].answered = True
        return "renamed"

    def remove(self):
        if len(self.mine) < 20:
            return None
        base = self.rng.choice(list(self.mine))
        file = self.file_of(base)
        entry = self.mine[base]
        if not file:
            return None
        entry.folders = {"INBOX", ABSENT}
        try:
            os.unlink(file.path)
        except FileNotFoundError:
            return None
        entry.folders = {ABSENT}
        del self.mine[base]
        return "removed"


class Saboteur(Actor):
    """Kills, stops and ends services, and removes whatever may be removed."""

    def __init__(self, posthouse, seed, stop, stores, victims=("frontend1", "frontend2", "authsvc", "redis")):
        super().__init__(seed, stop, 0.8)
        self.posthouse, self.stores, self.victims = posthouse, stores, victims

    def act(self):
        return self.rng.choice((self.kill_store, self.kill_store, self.end_store, self.pause_store, self.pause_store,
                                self.remove_disposable, self.remove_disposable, self.kill_other))()

    def kill_store(self):
        self.posthouse.kill(self.rng.choice(self.stores))
        return "kill -9 of a store"

    def end_store(self):
        self.posthouse.kill(self.rng.choice(self.stores), signal.SIGTERM)
        return "SIGTERM of a store"

    def pause_store(self):
        pid = self.posthouse.pids().get(self.rng.choice(self.stores))
        try:
            os.kill(pid, signal.SIGSTOP)
            time.sleep(self.rng.uniform(0.1, 3))
            os.kill(pid, signal.SIGCONT)
        except (ProcessLookupError, TypeError):
            return None
        return "SIGSTOP of a store"

    def kill_other(self):
        self.posthouse.kill(self.rng.choice(self.victims))
        return "kill -9 of another service"

    def remove_disposable(self):
        name = self.rng.choice(DISPOSABLE)
        found = [p for root in self.posthouse.run_dir.glob("mail*") for p in root.rglob(name)]
        if not found:
            return None
        self.rng.choice(found).unlink(missing_ok=True)
        return f"{name} removed"
