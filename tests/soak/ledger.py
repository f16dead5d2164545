"""What clients were told, and whether a mailbox still agrees with it.

Every message has a subject of its own. An entry says in which folders it may be and how it may be flagged: one
possibility while every command was answered, more after an answer that never came.
"""

import re
import threading

ABSENT = None
COPIES = "Copies"


class Entry:
    """One message (or one copy of it), which a single worker changes."""

    def __init__(self, subject, folders, flagged=(False,)):
        self.subject, self.folders, self.flagged = subject, set(folders), set(flagged)
        self.uids = {}              # folder -> UID that was acknowledged
        self.answered = False       # renamed from outside
        self.copied = False
        self.history = []           # what was tried, and what was told



class Broken(AssertionError):
    """A promise that was not kept."""


class Ledger:
    """All entries of one account, and what its numbers have meant so far."""

    def __init__(self, account):
        self.account, self.lock = account, threading.Lock()
        self.entries, self.copies = [], []  # copies: in the folder COPIES, under the subject of the original
        self.meanings = {}          # (folder, UIDVALIDITY, UID) -> subject
        self.floors = {}            # folder -> (UIDVALIDITY, UIDNEXT, HIGHESTMODSEQ) seen before
        self.facts = 0

    def add(self, entry):
        with self.lock:
            self.entries.append(entry)
        return entry

    def means(self, folder, validity, uid, subject):
        """A UID was seen or acknowledged for a message."""
        with self.lock:
            before = self.meanings.setdefault((folder, validity, uid), subject)
            self.facts += 1
        if before != subject:
            raise Broken(f"{self.account} {folder}: UID {uid} was {before} and is {subject}")

    def floor(self, folder):
        with self.lock:
            return self.floors.get(folder)

    def selected(self, folder, told, floor):
        """SELECT told these numbers; `floor` was known before it was sent."""
        now = told["uidvalidity"], told["uidnext"], told["highestmodseq"]
        if floor and (now[0] != floor[0] or now[1] < floor[1] or now[2] < floor[2]):
            raise Broken(f"{self.account} {folder}: (UIDVALIDITY, UIDNEXT, HIGHESTMODSEQ) went from {floor} to {now}")
        with self.lock:
            self.floors[folder] = max(now, self.floors.get(folder, now))
        return told["uidvalidity"]

    def check(self, seen):
        """`seen`: folder -> {subject: (UID, set of flags)}, as a quiet mailbox shows it. The problems."""
        def where(entry, folders):
            return {f: seen[f][entry.subject] for f in folders if entry.subject in seen[f]}

        problems = []
        for entry in self.entries:
            problems += self.problems_of(entry, where(entry, seen.keys() - {COPIES}))
        for entry in self.copies:
            problems += self.problems_of(entry, where(entry, {COPIES}))
        return problems

    def forgive_unsynced(self, folders):
        """Power was lost: flags and expunges of the last seconds may be as they were before."""
        for entry in self.entries + self.copies:
            entry.flagged = {True, False}
            if entry.folders == {ABSENT}:
                entry.folders |= set(folders)
                entry.uids.clear()

    def problems_of(self, entry, found):
        who = f"{self.account}: {entry.subject}"
        if len(found) > 1:
            return [f"{who} is in {sorted(found)}"]
        folder = next(iter(found), ABSENT)
        if folder not in entry.folders:
            return [f"{who} should be in {entry.folders} and is in {folder}; {entry.history}"]
        if folder is ABSENT:
            return []
        uid, flags = found[folder]
        if entry.uids.get(folder, uid) != uid:
            return [f"{who} had UID {entry.uids[folder]} in {folder} and has {uid}"]
        if ("\\Flagged" in flags) not in entry.flagged:
            return [f"{who}: \\Flagged should be one of {entry.flagged}, flags are {flags}"]
        if entry.answered and "\\Answered" not in flags:
            return [f"{who}: \\Answered, set from outside, is gone"]
        return []


def read_folder(client, ledger, folder):
    """Subject -> (UID, flags) of a folder; each subject once."""
    validity = ledger.selected(folder, client.select(folder), None)
    found = {}
    for r in client.ok("UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])"):
        if not r.literals:
            continue
        uid = int(re.search(rb"UID (\d+)", r.line).group(1))
        subject = r.literals[0].split(b":", 1)[1].strip().decode()
        flags = set(re.search(rb"FLAGS \(([^)]*)\)", r.line).group(1).decode().split())
        ledger.means(folder, validity, uid, subject)
        if subject in found:
            raise Broken(f"{ledger.account} {folder}: {subject} is there twice, UIDs {found[subject][0]} and {uid}")
        found[subject] = uid, flags
    return found
