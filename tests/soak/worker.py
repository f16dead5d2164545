"""One client: it changes messages of its own, and the ledger learns what was acknowledged."""

import random
import re
import threading
import time

from imap import Closed, Refused
from ledger import ABSENT, COPIES, Broken, Entry

FOLDERS = ("INBOX", "Work", "Archive")
PERMANENT = 400     # messages that one worker keeps; beyond that it rather expunges


class Worker(threading.Thread):
    """Connects to one frontend, again and again when that is killed."""

    def __init__(self, posthouse, ledger, number, seed, stop):
        super().__init__(daemon=True)
        self.posthouse, self.ledger, self.number, self.stop = posthouse, ledger, number, stop
        self.rng, self.serial, self.commands, self.broken = random.Random(seed), 0, {}, None
        self.mine, self.client, self.folder, self.validity = [], None, None, None

    def run(self):
        while not self.stop.is_set():
            try:
                self.step()
            except (Closed, OSError):
                self.client = None      # what it was doing stays uncertain
                time.sleep(0.05)
            except (Refused, Broken, AssertionError) as e:
                # Refused once the disk is gone is as it should be.
                self.broken = None if isinstance(e, Refused) and self.stop.is_set() else e
                return

    def connect(self):
        self.client = self.posthouse.connect(self.ledger.account, frontend=1 + self.number % 2)
        self.folder = None

    def step(self):
        if self.client is None:
            self.connect()
        if self.folder is None or self.rng.random() < 0.05:
            self.select(self.rng.choice(FOLDERS))
        certain = [e for e in self.mine if e.folders == {self.folder}]
        actions = [self.append] * 3 + ([self.flag, self.copy, self.move, self.move, self.expunge] if certain else [])
        if len(certain) > PERMANENT:
            actions = [self.expunge]
        action = self.rng.choice(actions)
        action(*([self.rng.choice(certain)] if action != self.append else []))
        self.commands[action.__name__] = self.commands.get(action.__name__, 0) + 1

    def select(self, folder):
        floor = self.ledger.floor(folder)
        self.validity, self.folder = self.ledger.selected(folder, self.client.select(folder), floor), folder

    def new_entry(self, subject, folders):
        entry = self.ledger.add(Entry(subject, folders))
        self.mine.append(entry)
        return entry

    def placed(self, entry, folder, uid, validity=None):
        entry.folders = {folder}
        entry.uids[folder] = uid
        entry.history.append(f"is UID {uid} of {folder}")
        if validity:
            self.ledger.means(folder, validity, uid, entry.subject)

    def append(self):
        self.serial += 1
        subject = f"{self.ledger.account}-{self.number}-{self.serial}"
        entry = self.new_entry(subject, {ABSENT, self.folder})
        body = b"Subject: %s\r\n\r\n%s\r\n" % (subject.encode(), b"x" * self.rng.randrange(2000))
        self.placed(entry, self.folder, self.client.append(self.folder, body), self.validity)

    def uid_of(self, entry):
        return entry.uids[self.folder]

    def flag(self, entry):
        on = self.rng.random() < 0.6
        entry.flagged |= {on}
        self.client.ok(f"UID STORE {self.uid_of(entry)} {'+' if on else '-'}FLAGS (\\Flagged)")
        entry.flagged = {on}

    def transfer(self, verb, entry, target):
        """The target's UIDVALIDITY and the new UID, from COPYUID."""
        tagged, untagged = self.client.command(f"UID {verb} {self.uid_of(entry)} {target}")
        if tagged.status != b"OK":
            raise Refused(f"{verb}: {tagged!r}")
        codes = (re.search(rb"COPYUID (\d+) (\d+) (\d+)\]", r.line) for r in [tagged, *untagged])
        code = next(m for m in codes if m)
        if int(code.group(2)) != self.uid_of(entry):
            raise Broken(f"{verb} of UID {self.uid_of(entry)} told of {code.group(2)}")
        return int(code.group(1)), int(code.group(3))

    def copy(self, entry):
        """To a folder for copies only, where the subject is there once."""
        if entry.copied:
            return
        entry.copied = True
        copy = Entry(entry.subject, {ABSENT, COPIES}, {True, False})
        self.ledger.copies.append(copy)
        validity, uid = self.transfer("COPY", entry, COPIES)
        self.placed(copy, COPIES, uid, validity)

    def move(self, entry):
        target = self.rng.choice([f for f in FOLDERS if f != self.folder])
        entry.folders |= {target}
        entry.uids.pop(target, None)
        entry.history.append(f"move to {target}")
        self.placed(entry, target, *reversed(self.transfer("MOVE", entry, target)))

    def expunge(self, entry):
        uid = self.uid_of(entry)
        entry.folders |= {ABSENT}
        self.client.ok(f"UID STORE {uid} +FLAGS.SILENT (\\Deleted)")
        self.client.ok(f"UID EXPUNGE {uid}")
        entry.folders = {ABSENT}
        self.mine.remove(entry)
