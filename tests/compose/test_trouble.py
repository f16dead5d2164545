"""Containers are killed, scaled and replaced while people work. They lose nothing."""

import time

import pytest

from imap import Imap
from load import Load
from stack import wait_until

USERS = ("alice", "bob")            # one on each store

# Who is thrown out when one of a service is killed. All others see a pause, if anything.
THROWN_OUT = {"haproxy": "everybody", "frontend": "some"}


def kill_and_start(container):
    container.kill()
    time.sleep(1)
    container.start()


@pytest.mark.parametrize("service", ["storesvc1", "storesvc2", "authsvc", "redis", "postgresql", "outboxsvc",
                                     "prometheus", "frontend", "haproxy"])
def test_killed_under_load(stack, service):
    with Load(stack.ports["IMAP_PORT"], USERS) as load:
        load.wait_for_progress()
        for container in stack.containers(service):
            kill_and_start(container)
            load.wait_for_progress()
            new = Imap(stack.ports["IMAP_PORT"]).login("alice", "alice-demo")
            new.logout()
    load.verify()
    if service in THROWN_OUT:
        assert load.reconnects() > 0
    else:
        assert load.reconnects() == 0, f"{load.reconnects()} sessions ended with {service}"


def sessions(stack):
    return {str(f): f.metric('posthouse_sessions{protocol="imap"') for f in stack.containers("frontend")}


def test_frontends_scaled_up_and_down(stack):
    watcher = Imap(stack.ports["IMAP_PORT"]).login("alice", "alice-demo")
    with Load(stack.ports["IMAP_PORT"], USERS) as load:
        load.wait_for_progress()
        stack.up("--scale", "frontend=4", "--no-recreate")
        assert load.reconnects() == 0, "adding frontends disturbs nobody"
        many = []

        def everywhere():
            many.append(Imap(stack.ports["IMAP_PORT"]).login("bob", "bob-demo"))
            return all(sessions(stack).values())

        wait_until(everywhere, "new sessions on all four frontends", 30)
        assert len(sessions(stack)) == 4
        stack.up("--scale", "frontend=2", "--no-recreate")
        assert len(stack.containers("frontend")) == 2
        load.wait_for_progress()
        for session in many:
            session.close()
    load.verify()
    watcher.close()


def test_stopped_and_started_again_mail_is_there(stack):
    c = Imap(stack.ports["IMAP_PORT"]).login("bob", "bob-demo")
    c.ok("CREATE Kept")
    uid = c.append("Kept", b"Subject: kept\r\n\r\nx\r\n")
    c.close()
    secret = stack.one("storesvc1").run("cat", "/public/ticket.pub")
    stack.down("--timeout", "10")
    stack.up()
    assert stack.one("storesvc1").run("cat", "/public/ticket.pub") == secret
    c = Imap(stack.ports["IMAP_PORT"]).login("bob", "bob-demo")
    c.select("Kept")
    assert c.uids() == [uid]
    c.close()
