"""Posthouse itself, started as `make run` starts it, for every test."""

import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pytest

from frontends import Frontend
from imap import Imap

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build")).resolve()
CORPUS = pathlib.Path(os.environ.get("POSTHOUSE_CORPUS", ROOT.parent / "shared" / "corpus"))

# For what is built with SAN=thread; others do not look at it. No second of sleep before each exit.
os.environ.setdefault("TSAN_OPTIONS", f"suppressions={ROOT / 'tools' / 'tsan.supp'} atexit_sleep_ms=0")
# And for SAN=address.
os.environ.setdefault("LSAN_OPTIONS", f"suppressions={ROOT / 'tools' / 'lsan.supp'}:print_suppressions=0")
SANITIZER_REPORT = re.compile(r"Sanitizer: |runtime error: ")


def free_port_base():
    """A PORT_BASE whose ports are all free, and below those that connections take by themselves."""
    while True:
        base = random.randrange(10000, 30000)
        try:
            for offset in (901, 902, 903, 904, 905, 1901, 110, 143, 993, 995, 1110, 1143, 1993, 1995):
                with socket.socket() as s:
                    s.bind(("127.0.0.1", base + offset))
            return base
        except OSError:
            continue


class Posthouse:
    """One running set of services."""

    def __init__(self, run_dir, **settings):
        self.run_dir, self.base = pathlib.Path(run_dir), free_port_base()
        self.environment = dict(
            os.environ, RUN_DIR=str(run_dir), PORT_BASE=str(self.base), BUILD=str(BUILD),
            AUTH_FAIL_DELAY="0", **settings)
        self.output = self.run_dir.parent / (self.run_dir.name + ".out")
        self.process = None

    def start(self):
        with open(self.output, "ab") as out:
            self.process = subprocess.Popen(
                [str(ROOT / "tools" / "run.sh")], env=self.environment, stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, start_new_session=True)
        deadline = time.monotonic() + 40
        before = self.output.read_text().count("Posthouse is running")
        while self.output.read_text().count("Posthouse is running") == before:
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail("posthouse did not start:\n" + self.output.read_text() + self.logs())
            time.sleep(0.05)
        return self

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)

    def logs(self, lines=40):
        text = ""
        for log in sorted(self.run_dir.glob("log/*.log")):
            text += f"--- {log.name}\n" + "\n".join(log.read_text().splitlines()[-lines:]) + "\n"
        return text

    def sanitizer_reports(self):
        """What a sanitizer (SAN=) said in the logs; nothing, as a rule."""
        text = ""
        for log in sorted(self.run_dir.glob("log/*.log")):
            content = log.read_text(errors="replace")
            if found := SANITIZER_REPORT.search(content):
                text += f"--- {log.name}\n" + content[max(found.start() - 200, 0):found.start() + 6000] + "\n"
        return text

    def pids(self):
        pairs = [line.split() for line in (self.run_dir / "pids").read_text().splitlines()]
        return {name: int(pid) for name, pid in pairs}

    def kill(self, name, how=signal.SIGKILL):
        """Kill a service and wait until it is running again under another pid."""
        old = self.pids()[name]
        os.kill(old, how)
        deadline = time.monotonic() + 30
        while self.pids().get(name, old) == old:
            assert time.monotonic() < deadline, f"{name} was not started again"
            time.sleep(0.01)

    def port(self, frontend=1, tls=False):
        return self.base + (frontend - 1) * 1000 + (993 if tls else 143)

    def pop3_port(self, frontend=1, tls=False):
        return self.base + (frontend - 1) * 1000 + (995 if tls else 110)

    def user(self, name, password="secret"):
        """Add an account; its name."""
        subprocess.run([str(ROOT / "tools" / "user.sh"), "user", name, password],
                       check=True, env=self.environment, stdout=subprocess.DEVNULL)
        return name

    def connect(self, user, password="secret", frontend=1, tls=False):
        return Imap(self.port(frontend, tls), tls=tls).login(user, password)

    def maildir(self, user):
        return self.run_dir / "mail" / user / "Maildir"


@pytest.fixture(scope="session")
def posthouse(tmp_path_factory):
    # Certificates are a way to log in for some tests; that this is off by default is test_hostile_frontend.py's.
    running = Posthouse(tmp_path_factory.mktemp("posthouse") / "run", AUTH_EXTERNAL="yes").start()
    yield running
    running.stop()
    assert not (reports := running.sanitizer_reports()), reports


@pytest.fixture(scope="module")
def database_folder(request):
    """Not below pytest's folder: servers that run as somebody else could not enter it."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="posthouse-db."))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def own_posthouse(tmp_path):
    """A set of services that the test may break."""
    made = []

    def make(**settings):
        made.append(Posthouse(tmp_path / f"run{len(made)}", **settings).start())
        return made[-1]

    yield make
    for one in made:
        one.stop()
    assert not (reports := "".join(one.sanitizer_reports() for one in made)), reports


@pytest.fixture
def frontend(posthouse, tmp_path):
    """One more frontend of the running set, with settings of its own: frontend(NAME=value)."""
    made = []

    def make(**settings):
        made.append(Frontend(posthouse, tmp_path / f"frontend{len(made)}.log", **settings).start())
        return made[-1]

    yield make
    for one in made:
        one.stop()
    assert not (reports := "".join(one.sanitizer_reports() for one in made)), reports


@pytest.fixture
def account(posthouse, request):
    """A fresh account for this test."""
    name = "".join(c for c in request.node.name.lower() if c.isalnum())[:40]
    return posthouse.user(f"{name}{random.randrange(10 ** 6)}@example.test")


@pytest.fixture
def corpus():
    if not CORPUS.is_dir():
        pytest.skip(f"the corpus of messages is not at {CORPUS} (set POSTHOUSE_CORPUS)")
    return CORPUS


