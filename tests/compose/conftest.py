"""The stack is started once for all tests, and taken away with its volumes afterwards."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

from imap import Imap           # noqa: E402  (its directory is known from here on)
from stack import Stack         # noqa: E402


@pytest.fixture(scope="session")
def stack():
    running = Stack()
    try:
        running.up()
        yield running
    finally:
        running.down("--volumes", "--timeout", "10")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure comes with the end of every container's log."""
    report = (yield).get_result()
    running = item.funcargs.get("stack")
    if report.failed and running:
        report.sections.append(("containers", running.logs()))


@pytest.fixture
def connect(stack):
    """A function: a session of somebody, through HAProxy."""
    made = []

    def make(user="alice", tls=False, timeout=60):
        port = stack.ports["IMAPS_PORT" if tls else "IMAP_PORT"]
        made.append(Imap(port, tls=tls, timeout=timeout).login(user, user + "-demo"))
        return made[-1]

    yield make
    for session in made:
        session.close()
