"""Clients that change mail, remember what was acknowledged, and come back when they are thrown out."""

import random
import re
import threading
import time

from imap import Closed, Imap, Refused


class Client(threading.Thread):
    """One person's mail program, filing messages and marking them."""

    def __init__(self, port, user, number, stop):
        super().__init__(name=f"{user}{number}", daemon=True)
        self.port, self.user, self.stop = port, user, stop
        self.random = random.Random(number)
        self.kept = {}              # subject -> flagged, of what was acknowledged
        self.reconnects, self.commands, self.longest = 0, 0, 0.0
        self.error = None
        self.session = None

    def run(self):
        try:
            serial = 0
            while not self.stop.is_set():
                serial += 1
                self.work(f"{self.name}-{serial}")
        except (Refused, AssertionError) as e:
            self.error = e

    def work(self, subject):
        """One change; thrown out, it is not known whether it happened, and that is fair."""
        try:
            if not self.session:
                self.session = Imap(self.port).login(self.user, self.user + "-demo")
                self.session.select("Load")
            began = time.monotonic()
            self.change(subject)
            self.longest = max(self.longest, time.monotonic() - began)
            self.commands += 1
        except (Closed, OSError):
            self.reconnects += 1
            self.session = None
            time.sleep(0.1)

    def change(self, subject):
        unmarked = [s for s, (_, flagged) in self.kept.items() if not flagged]
        if unmarked and self.random.random() < 0.3:
            name = self.random.choice(unmarked)
            uid = self.kept[name][0]
            self.session.ok(f"UID STORE {uid} +FLAGS (\\Flagged)")
            self.kept[name] = (uid, True)
        else:
            uid = self.session.append("Load", f"Subject: {subject}\r\n\r\nbody\r\n".encode())
            self.kept[subject] = (uid, False)
        time.sleep(0.01)


class Load:
    """Several of them for each user. `with Load(...) as load`, then load.verify()."""

    def __init__(self, port, users, each=2):
        self.port, self.users = port, users
        self.stop = threading.Event()
        self.clients = [Client(port, user, i, self.stop) for user in users for i in range(each)]

    def __enter__(self):
        for user in self.users:
            c = Imap(self.port).login(user, user + "-demo")
            c.command("DELETE Load")
            c.ok("CREATE Load")
            c.logout()
        for client in self.clients:
            client.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for client in self.clients:
            client.join(120)

    def reconnects(self):
        return sum(client.reconnects for client in self.clients)

    def commands(self):
        return {client.name: client.commands for client in self.clients}

    def wait_for_progress(self, timeout=60):
        """Until every client has had another answer."""
        before = self.commands()
        deadline = time.monotonic() + timeout
        while any(count <= before[name] for name, count in self.commands().items()):
            self.check()
            assert time.monotonic() < deadline, f"no progress: {before} -> {self.commands()}"
            time.sleep(0.05)

    def check(self):
        for client in self.clients:
            assert client.error is None, f"{client.name}: {client.error!r}"

    def verify(self):
        """Everything that was acknowledged is there, once, and as it was left."""
        assert not any(client.is_alive() for client in self.clients), "a command never came back"
        self.check()
        for user in self.users:
            there = self.look(user)
            for client in (c for c in self.clients if c.user == user):
                for subject, (uid, flagged) in client.kept.items():
                    assert subject in there, f"{subject} was acknowledged and is lost"
                    assert there[subject][0] == uid, f"{subject} has another UID"
                    assert there[subject][1] or not flagged, f"{subject} lost its flag"

    def look(self, user):
        c = Imap(self.port).login(user, user + "-demo")
        c.select("Load")
        there = {}
        for r in c.ok("UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])"):
            subject = r.literals[0].split(b":", 1)[1].strip().decode()
            assert subject not in there, f"{subject} is there twice"
            there[subject] = (int(re.search(rb"UID (\d+)", r.line).group(1)), b"\\Flagged" in r.line)
        c.logout()
        return there
