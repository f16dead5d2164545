"""Mail clients outside of the cluster: they write, watch and visit while it is turned upside down.

	usage: clients.py ADDRESS ACCOUNT...	(each account's password is its name)

Speaks with the rehearsal in lines. "phase" on standard input is answered with what happened since the last one, as
JSON; "come anew" makes everybody log out and in; "stop" ends everything and is answered with what was lost.
"""

import json
import pathlib
import re
import ssl
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
from imap import Closed, Imap, Refused  # noqa: E402

PATIENCE = 40                   # seconds that a client tries to come back
LOST = (Closed, OSError, ssl.SSLError)


class Polite(Imap):
    """Remembers whether the server said goodbye."""

    bye = False

    def read(self):
        r = super().read()
        self.bye = self.bye or r.line.startswith(b"* BYE")
        return r


class Tally:
    """What happened to all clients since the last phase."""

    def __init__(self):
        self.lock = threading.Lock()
        self.clear()

    def clear(self):
        self.counts = dict.fromkeys(
            ("commands", "notices", "visits", "said_bye", "cut_off", "refused", "could_not_connect"), 0)
        self.longest, self.troubles = 0.0, []

    def add(self, what, trouble=None):
        with self.lock:
            self.counts[what] += 1
            if trouble and len(self.troubles) < 10:
                self.troubles.append(f"{what}: {trouble}")

    def took(self, seconds):
        with self.lock:
            self.longest = max(self.longest, seconds)

    def take(self):
        with self.lock:
            result = dict(self.counts, longest=round(self.longest, 1), troubles=self.troubles)
            self.clear()
            return result


class Client(threading.Thread):
    """A person's program: comes back by itself when the connection is gone."""

    round = 0                   # when it grows, everybody closes and comes anew

    def __init__(self, address, account, tally, stop):
        super().__init__(daemon=True)
        self.address, self.account, self.tally, self.stop = address, account, tally, stop
        self.c, self.error, self.my_round = None, None, 0

    def connect(self):
        """Until it works. What fails on the way is counted."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                c = Polite(993, tls=True, host=self.address)
                c.login(self.account, self.account)
                c.select("INBOX")
                return c
            except LOST as e:
                self.tally.add("could_not_connect", repr(e))
            except Refused as e:
                self.tally.add("refused", repr(e))
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.account} could not come back")
            time.sleep(0.2)

    def come_back(self, why):
        if self.c:
            self.tally.add("said_bye" if self.c.bye else "cut_off", None if self.c.bye else repr(why))
            self.c.close()
        self.c = self.connect()

    def run(self):
        try:
            self.c = self.connect()
            while not self.stop.is_set():
                try:
                    if self.my_round != Client.round:
                        self.my_round = Client.round
                        self.c.logout()
                        self.c = self.connect()
                    self.step()
                except LOST as e:
                    self.come_back(e)
            self.finish()
        except Exception as e:  # pylint: disable=broad-except
            self.error = f"{type(self).__name__} of {self.account}: {e!r}"

    def finish(self):
        self.c.logout()


class Writer(Client):
    """Files messages and flags them, and knows what was acknowledged."""

    def __init__(self, *args):
        super().__init__(*args)
        self.serial, self.kept, self.unsure = 0, {}, set()

    def step(self):
        self.serial += 1
        subject = f"{self.account}-{self.serial}"
        self.unsure.add(subject)        # until it is answered
        before = time.monotonic()
        try:
            uid = self.c.append("INBOX", f"Subject: {subject}\r\n\r\nbody\r\n".encode())
            self.unsure.discard(subject)
            self.kept[subject] = [uid, False]
            if self.serial % 3 == 0:
                self.c.ok(f"UID STORE {uid} +FLAGS.SILENT (\\Flagged)")
                self.kept[subject][1] = True
            self.tally.add("commands")
        except Refused as e:
            self.tally.add("refused", repr(e))
        self.tally.took(time.monotonic() - before)
        self.stop.wait(0.05)

    def lost(self):
        """What is not as it was acknowledged."""
        found = {}
        c = self.connect()
        for r in c.ok("UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])"):
            subject = r.literals[0].split(b":", 1)[1].strip().decode()
            uid = int(re.search(rb"UID (\d+)", r.line).group(1))
            found.setdefault(subject, []).append((uid, b"\\Flagged" in r.line))
        c.logout()
        for subject, (uid, flagged) in self.kept.items():
            copies = found.pop(subject, [])
            if [u for u, _ in copies] != [uid]:
                yield f"{subject} was stored as {uid}, is there as {copies}"
            elif flagged and not copies[0][1]:
                yield f"{subject} is not flagged any more"
        for subject, copies in found.items():
            if subject not in self.unsure or len(copies) > 1:
                yield f"{subject} is there as {copies}"


class Watcher(Client):
    """Looks at a writer's mailbox in IDLE."""

    def step(self):
        self.c.idle()
        end = time.monotonic() + 5
        while not self.stop.is_set() and time.monotonic() < end:
            try:
                self.c.wait_for(rb"EXISTS", max(end - time.monotonic(), 0.1))
                self.tally.add("notices")
            except TimeoutError:
                # The reader is of no use after a time-out; begin anew with a connection that is fine.
                self.c.file = self.c.socket.makefile("rb")
        self.c.done()


class Visitor(Client):
    """Comes, looks and goes."""

    def step(self):
        before = time.monotonic()
        self.c.logout()
        self.c = self.connect()
        self.tally.took(time.monotonic() - before)
        self.tally.add("visits")
        self.stop.wait(0.2)


def main():
    address, accounts = sys.argv[1], sys.argv[2:]
    tally, stop = Tally(), threading.Event()
    writers = [Writer(address, a, tally, stop) for a in accounts]
    others = [Watcher(address, a, tally, stop) for a in accounts[:3]] + [Visitor(address, accounts[0], tally, stop)]
    for client in writers + others:
        client.start()
    for line in sys.stdin:
        if line == "stop\n":
            break
        if line == "come anew\n":
            Client.round += 1
            continue
        print(json.dumps(tally.take()), flush=True)
    stop.set()
    for client in writers + others:
        client.join(60)
    errors = [c.error for c in writers + others if c.error]
    errors += [f"{c.account}: a client hangs" for c in writers + others if c.is_alive()]
    lost = [text for w in writers for text in w.lost()]
    print(json.dumps({"errors": errors, "lost": lost, "kept": sum(len(w.kept) for w in writers),
                      "unsure": sum(len(w.unsure) for w in writers)}), flush=True)


main()
