"""What an operator finds after `docker compose up`."""

import imaplib
import json
import poplib
import re
import ssl
import urllib.parse

import pytest

from imap import Imap, Refused
from stack import docker, wait_until

OURS = ("frontend", "authsvc", "storesvc1", "storesvc2", "outboxsvc")
ALL = OURS + ("haproxy", "redis", "postgresql", "prometheus")


def no_verification():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def test_there_are_two_of_what_is_said_to_be_two(stack):
    counts = {service: len(stack.containers(service)) for service in ALL}
    assert counts == {"frontend": 2, "authsvc": 2, "storesvc1": 1, "storesvc2": 1, "outboxsvc": 1,
                      "haproxy": 1, "redis": 1, "postgresql": 1, "prometheus": 1}


def test_log_in_through_haproxy(stack):
    imap = imaplib.IMAP4("127.0.0.1", stack.ports["IMAP_PORT"])
    imap.starttls(no_verification())
    imap.login("alice", "alice-demo")
    imap.logout()
    imap = imaplib.IMAP4_SSL("127.0.0.1", stack.ports["IMAPS_PORT"], ssl_context=no_verification())
    imap.login("bob", "bob-demo")
    imap.logout()
    for pop3 in (poplib.POP3("127.0.0.1", stack.ports["POP3_PORT"]),
                 poplib.POP3_SSL("127.0.0.1", stack.ports["POP3S_PORT"], context=no_verification())):
        pop3.user("alice")
        assert pop3.pass_("alice-demo").startswith(b"+OK")
        pop3.quit()
    with pytest.raises(Refused, match="AUTHENTICATIONFAILED"):
        Imap(stack.ports["IMAP_PORT"]).login("alice", "not hers")


def test_log_has_the_clients_address(stack):
    """A client with an address of its own; what connects to the frontend is HAProxy."""
    client = str(stack.edge[77])
    docker("run", "--rm", f"--network={stack.project}_edge", f"--ip={client}", "posthouse/tools:test",
           "bash", "-c", "exec 3<>/dev/tcp/haproxy/1143 && printf 'a LOGIN bob bob-demo\\r\\nb LOGOUT\\r\\n' >&3 "
           "&& grep -q '^a OK' <&3")
    proxy = stack.one("haproxy").address("edge")
    logs = "".join(frontend.log() for frontend in stack.containers("frontend"))
    logins = [line for line in logs.splitlines() if "bob" in line and client in line]
    assert logins, f"nothing about bob from {client}"
    assert not re.search(rf"\b{re.escape(proxy)}\b", logs), "clients are taken for HAProxy"


def test_proxy_header_is_a_must_where_haproxy_is(stack):
    """Nobody else on that network can pretend to come from where he does not."""
    frontend = stack.containers("frontend")[0].address("edge")
    said = docker("run", "--rm", f"--network={stack.project}_edge", "posthouse/tools:test", "timeout", "20",
                  "bash", "-c", f"exec 3<>/dev/tcp/{frontend}/1143 && printf 'a CAPABILITY\\r\\n' >&3 && cat <&3",
                  check=False)
    assert "IMAP4" not in said


def test_each_account_is_on_its_store(stack, connect):
    for user, store, other in (("alice", "storesvc1", "storesvc2"), ("bob", "storesvc2", "storesvc1")):
        text = f"Subject: for {user}\r\n\r\nOn {store}.\r\n".encode()
        c = connect(user, tls=True)
        uid = c.append("INBOX", text)
        c.ok("CREATE Filed")
        c.select("INBOX")
        assert c.body(uid) == text
        c.ok(f"UID MOVE {uid} Filed")
        c.select("Filed")
        assert [c.body(u) for u in c.uids()] == [text]
        home = f"/var/mail/posthouse/{user}"
        assert f"U={uid}" in stack.one(store).run("ls", f"{home}/Maildir/.Filed/cur")
        assert user not in stack.one(other).run("ls", "/var/mail/posthouse")


def test_new_account_gets_a_store(stack, connect):
    def placed():
        return stack.one("postgresql").run("psql", "-U", "postgres", "-Atc",
                                           "SELECT store FROM passwd WHERE id = 'carol'", "posthouse")

    assert placed() == ""
    c = connect("carol")
    c.append("INBOX", b"Subject: first\r\n\r\nx\r\n")
    assert (store := placed()) in ("store1", "store2")
    assert "carol" in stack.one("storesvc" + store[-1]).run("ls", "/var/mail/posthouse")


@pytest.mark.parametrize("user", ["alice", "bob"])
def test_idle_across_frontends(stack, connect, user):
    watchers = [connect(user) for _ in range(6)]
    watchers[0].ok("CREATE Watched")
    for w in watchers:
        before = w.select("Watched")["exists"]
        w.idle()
    for frontend in stack.containers("frontend"):
        assert frontend.metric('posthouse_sessions{protocol="imap"') > 0, f"nobody is on {frontend}"
    connect(user).append("Watched", b"Subject: now\r\n\r\nx\r\n")
    for w in watchers:
        w.wait_for(rb"^\* %d EXISTS" % (before + 1), 5)
        w.done()


def test_console_shows_all_of_them(stack, connect):
    """Rates need two looks of Prometheus at the same counter, and something to count between them."""
    wanted = sorted(["frontend"] * 2 + ["authsvc"] * 2 + ["storesvc1", "storesvc2", "outboxsvc"])
    others = ("Nothing: every frontend has all it needs.", "<td>imap</td>", "<td>LOGIN</td>",
              "<td>storesvc1</td>", "<td>storesvc2</td>")

    def all_there():
        connect("alice")            # and stays
        page = stack.prometheus("/consoles/posthouse.html")
        rows = re.findall(r"<tr><td>(\w+)</td><td>[\d.]+:9100</td>\s*<td>[^<]+</td>\s*<td>up</td>", page)
        return sorted(rows) == wanted and all(text in page for text in others)

    wait_until(all_there, "every service up, LOGIN among the commands", 40)


def test_graphs_ask_what_prometheus_can_answer(stack, connect):
    queries = re.findall(r'<figure data-query="([^"]+)"', stack.prometheus("/consoles/posthouse.html"))
    assert len(queries) >= 8
    empty = set(queries)

    def all_answered():
        connect("bob")
        for query in list(empty):
            answer = json.loads(stack.prometheus("/api/v1/query?" + urllib.parse.urlencode({"query": query})))
            assert answer["status"] == "success"
            if answer["data"]["result"]:
                empty.remove(query)
        # Nothing may have been put off yet.
        return all("retries" in query for query in empty)

    wait_until(all_answered, "an answer to every graph", 40)


def test_confined(stack):
    for service in ALL:
        for container in stack.containers(service):
            told = container.inspect()
            assert told["HostConfig"]["ReadonlyRootfs"], container
            assert told["HostConfig"]["CapAdd"] is None, container
            status = container.run("cat", "/proc/1/status")
            assert re.search(r"^CapEff:\s+0+$", status, re.M), container
            assert not re.search(r"^Uid:.*\b0\b", status, re.M), f"{container} runs as root"
            assert re.search(r"^NoNewPrivs:\s+1$", status, re.M), container


def test_secrets_are_where_they_are_needed(stack):
    held = {service: set(stack.containers(service)[0].run("ls", "/secrets").split())
            for service in ("frontend", "storesvc1", "authsvc", "postgresql")}
    calls = {"rpc.crt", "rpc.key"}      # each service's own, for calls among them
    assert held["storesvc1"] == calls
    assert stack.one("storesvc1").run("ls", "/public").split() == ["admin.pub", "rpc-ca.crt", "ticket.pub"]
    assert "ticket.key" in held["authsvc"] and "admin.key" not in held["authsvc"]
    assert held["frontend"] == calls | {"posthouse.pem", "posthouse.pem.crt", "tls-tickets"}
    assert held["postgresql"] == {"superuser", "authsvc"}


def test_posthousectl_reaches_every_process(stack, connect):
    connect("bob")
    told = json.loads(stack.compose("run", "--rm", "-T", "posthousectl", "--json", "status"))
    assert not told.get("errors"), told
    text = stack.compose("run", "--rm", "-T", "posthousectl", "who", "bob")
    assert "bob" in text
