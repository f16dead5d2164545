"""What operators see: metrics, readiness, logs, and what changes at run time."""

import base64
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest

from conftest import BUILD, ROOT
from imap import Closed, Imap

HTTP = {"frontend1": 901, "frontend2": 1901, "authsvc": 902, "storesvc": 903, "outboxsvc": 904}
SERIES_MAX = 256
MESSAGE = b"From: a@example.test\r\nSubject: hello\r\n\r\nbody\r\n"


def get(posthouse, service, page, accept="*/*"):
    """(status, content type, text); the status is 0 when nobody listens: HTTP comes last of what a service starts."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{posthouse.base + HTTP[service]}{page}", headers={"Accept": accept})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.URLError:
        return 0, "", ""


def scrape(posthouse, service):
    """Every sample, as {'name{labels}': value}."""
    status, _, text = get(posthouse, service, "/metrics")
    assert status == 200
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def eventually(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
    return result


class Load:
    """A client that is busy while the block runs."""

    def __init__(self, posthouse, account):
        self.client = posthouse.connect(account, tls=True)
        self.rounds, self.over = 0, threading.Event()
        self.thread = threading.Thread(target=self.work)

    def work(self):
        while not self.over.is_set():
            uid = self.client.append("INBOX", MESSAGE)
            self.client.select("INBOX")
            self.client.ok(f"UID FETCH {uid} (ENVELOPE BODY[])")
            self.rounds += 1

    def __enter__(self):
        self.thread.start()
        eventually(lambda: self.rounds > 2)
        return self

    def __exit__(self, *exception):
        self.over.set()
        self.thread.join(30)
        self.client.logout()


@pytest.fixture
def promtool():
    found = shutil.which("promtool")
    if not found:
        pytest.skip("promtool is not installed (Debian package prometheus)")
    return found


@pytest.mark.parametrize("service", HTTP)
def test_prometheus_has_nothing_to_complain_of(posthouse, account, promtool, service):
    with Load(posthouse, account):
        _, kind, text = get(posthouse, service, "/metrics")
        assert kind == "text/plain; version=0.0.4; charset=utf-8"
        checked = subprocess.run([promtool, "check", "metrics"], input=text.encode(), capture_output=True)
        assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


@pytest.mark.parametrize("service", HTTP)
def test_openmetrics_parses(posthouse, account, service):
    parser = pytest.importorskip("prometheus_client.openmetrics.parser",
                                 reason="Debian package python3-prometheus-client is not installed")
    with Load(posthouse, account):
        _, kind, text = get(posthouse, service, "/metrics", accept="application/openmetrics-text; version=1.0.0")
        assert kind.startswith("application/openmetrics-text; version=1.0.0")
        assert text.endswith("# EOF\n")
        families = {family.name: family for family in parser.text_string_to_metric_families(text)}
        assert families["posthouse_build_info"].samples[0].labels["service"] == service.rstrip("12")
        assert all(family.documentation.endswith(".") for family in families.values())


def test_what_happens_is_counted(posthouse, account):
    before = {service: scrape(posthouse, service) for service in HTTP}
    with Load(posthouse, account) as load:
        eventually(lambda: scrape(posthouse, "frontend1")['posthouse_sessions{protocol="imap",state="selected"}'])
    after = {service: scrape(posthouse, service) for service in HTTP}

    def grown(service, sample):
        return after[service].get(sample, 0) - before[service].get(sample, 0)

    assert grown("frontend1", 'posthouse_imap_commands_total{command="UID FETCH",result="ok"}') == load.rounds
    assert grown("frontend1", 'posthouse_imap_command_duration_seconds_count{command="APPEND"}') == load.rounds
    assert grown("frontend1", 'posthouse_imap_command_duration_seconds_sum{command="APPEND"}') > 0
    assert grown("frontend1", 'posthouse_tls_handshakes_total{version="TLSv1.3",resumed="no"}') == 1
    assert grown("frontend1", 'posthouse_connections_total{protocol="imap",security="tls"}') == 1
    assert grown("frontend1", "posthouse_client_received_bytes_total") > load.rounds * len(MESSAGE)
    assert grown("frontend1", "posthouse_client_sent_bytes_total") > load.rounds * len(MESSAGE)
    assert grown("frontend1", 'posthouse_rpc_client_calls_total{method="Fetch",status="OK"}') == load.rounds
    assert grown("storesvc", 'posthouse_rpc_server_calls_total{method="Fetch",status="OK"}') >= load.rounds
    assert grown("storesvc", "posthouse_store_cache_hits_total") >= load.rounds
    assert grown("storesvc", "posthouse_notices_published_total") > 0
    assert grown("authsvc", 'posthouse_auth_verifications_total{module="userdb",outcome="accepted"}') == 1
    assert grown("frontend2", "posthouse_client_received_bytes_total") == 0
    assert after["storesvc"]["posthouse_store_open_mailboxes"] >= 1
    assert after["storesvc"]["posthouse_store_inotify_watches"] >= 2
    assert after["storesvc"]["posthouse_notice_publisher_connected"] == 1
    assert after["frontend1"]['posthouse_service_reachable{name="store1"}'] == 1
    eventually(lambda: scrape(posthouse, "frontend1").get(
        'posthouse_sessions{protocol="imap",state="logout"}') == 0)


def test_clients_cannot_make_series(posthouse, account):
    client = posthouse.connect(account)
    unknown = 'posthouse_imap_commands_total{command="unknown",result="bad"}'
    before = scrape(posthouse, "frontend1")
    for i in range(2 * SERIES_MAX):
        if i % 10 == 0:
            client.ok("NOOP")
        tagged, _ = client.command(f"X{i}")
        assert tagged.status == b"BAD"
    after = scrape(posthouse, "frontend1")
    assert after[unknown] - before.get(unknown, 0) == 2 * SERIES_MAX
    assert len(after) - len(before) < 60
    client.logout()


def test_pop3_is_counted(posthouse, account):
    with socket.create_connection(("127.0.0.1", posthouse.pop3_port()), timeout=20) as s, s.makefile("rwb") as f:
        f.readline()
        for command in (f"USER {account}", "PASS secret", "STAT", "RETR 7", "FROB", "QUIT"):
            f.write(command.encode() + b"\r\n")
            f.flush()
            f.readline()
    told = scrape(posthouse, "frontend1")
    for command, result in (("PASS", "ok"), ("STAT", "ok"), ("RETR", "err"), ("unknown", "err"), ("QUIT", "ok")):
        assert told[f'posthouse_pop3_commands_total{{command="{command}",result="{result}"}}'] >= 1
    assert told['posthouse_connections_total{protocol="pop3",security="plain"}'] >= 1


def test_readyz_names_a_missing_store(own_posthouse):
    posthouse = own_posthouse()
    for service in HTTP:
        eventually(lambda: get(posthouse, service, "/readyz")[0] == 200)
        assert get(posthouse, service, "/healthz")[0] == 200
    assert get(posthouse, "storesvc", "/nothing")[0] == 404
    runner = posthouse.pids()["run"]
    os.kill(runner, signal.SIGSTOP)     # or it would start the store again
    try:
        os.kill(posthouse.pids()["storesvc"], signal.SIGKILL)
        eventually(lambda: get(posthouse, "frontend1", "/readyz")[0] == 503)
        assert get(posthouse, "frontend1", "/readyz")[2] == "missing: store1\n"
        assert get(posthouse, "frontend1", "/healthz")[0] == 200
        assert scrape(posthouse, "frontend1")['posthouse_service_reachable{name="store1"}'] == 0
        assert get(posthouse, "authsvc", "/readyz")[0] == 200
    finally:
        os.kill(runner, signal.SIGCONT)
    eventually(lambda: get(posthouse, "frontend1", "/readyz")[0] == 200, 60)


def test_a_frontend_without_one_of_its_stores_still_takes_clients(posthouse):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    frontend = subprocess.Popen(
        [str(BUILD / "bin" / "posthouse-frontend"), "--config=/dev/null", "--listen=ipc://sock/lacking",
         f"--http-listen=127.0.0.1:{port}", "--imap-listen=127.0.0.1:0", "--imaps-listen=", "--pop3-listen=",
         "--auth=ipc://sock/authsvc", "--stores=store1=ipc://sock/storesvc,store2=ipc://sock/nobody"],
        cwd=posthouse.run_dir, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def told():
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
                return answer.read().decode()
        except urllib.error.URLError:
            return None                 # not there yet, or 503

    try:
        eventually(lambda: told() == "ready, but missing: store2\n")
    finally:
        frontend.terminate()
        frontend.wait(30)


def test_without_redis_all_is_ready_but_says_so(own_posthouse):
    posthouse = own_posthouse()
    users = ("frontend1", "frontend2", "authsvc", "storesvc")
    ctl = [str(BUILD / "bin" / "posthousectl"), f"--config={posthouse.run_dir}/posthousectl.conf", "--json", "status"]

    def status():
        """Who is ready, and does without anything? Health is told of a change within half a second."""
        services = json.loads(subprocess.run(ctl, capture_output=True, check=False).stdout)["services"]
        return [(s["name"], bool(s["degraded"])) for s in services if s["state"] == "ready"]

    def told():
        return [get(posthouse, service, "/readyz")[::2] for service in users]

    eventually(lambda: told() == [(200, "ready\n")] * len(users))
    runner = posthouse.pids()["run"]
    os.kill(runner, signal.SIGSTOP)     # or it would start Redis again
    try:
        os.kill(posthouse.pids()["redis"], signal.SIGKILL)
        eventually(lambda: all("degraded" in text for _, text in told()))
        for code, text in told():
            assert code == 200 and text.startswith("ready\ndegraded: Redis is away: ")
        assert get(posthouse, "outboxsvc", "/readyz")[2] == "ready\n"      # has nothing to do with it
        eventually(lambda: status() == [("frontend", True), ("frontend", True), ("authsvc", True),
                                        ("outboxsvc", False), ("store1", True)])
        assert [scrape(posthouse, s)["posthouse_redis_connected"] for s in users] == [0] * len(users)
        posthouse.connect("alice", "alice-demo").logout()
    finally:
        os.kill(runner, signal.SIGCONT)
    eventually(lambda: told() == [(200, "ready\n")] * len(users))
    eventually(lambda: [degraded for _, degraded in status()] == [False] * 5)
    assert [scrape(posthouse, s)["posthouse_redis_connected"] for s in users] == [1] * len(users)


def test_a_call_that_runs_is_finished_in_sight(own_posthouse, tmp_path):
    program = tmp_path / "slow"
    program.write_text("#!/bin/sh\nwhile read -r line; do sleep 2; echo FAIL; done\n")
    program.chmod(0o755)
    posthouse = own_posthouse(AUTH_MODULES="userdb pipe", AUTHPIPE=str(program), DRAIN_SECONDS="20")
    client = Imap(posthouse.port())
    authsvc = posthouse.pids()["authsvc"]
    client.send(b"a LOGIN nobody@example.test secret\r\n")
    eventually(lambda: scrape(posthouse, "authsvc")["posthouse_rpc_server_busy_workers"] == 1)
    os.kill(authsvc, signal.SIGTERM)
    eventually(lambda: get(posthouse, "authsvc", "/readyz")[::2] == (503, "missing: draining\n"))
    for _ in range(10):                 # a second, of the two
        assert get(posthouse, "authsvc", "/healthz")[0] == 200
        assert get(posthouse, "authsvc", "/readyz")[::2] == (503, "missing: draining\n")
        assert scrape(posthouse, "authsvc")["posthouse_rpc_server_busy_workers"] == 1
        time.sleep(0.1)
    assert posthouse.pids()["authsvc"] == authsvc
    tagged, _ = client.collect(b"a")
    assert tagged.status == b"NO" and b"AUTHENTICATIONFAILED" in tagged.line
    eventually(lambda: posthouse.pids().get("authsvc", authsvc) != authsvc)


def test_not_ready_while_draining(own_posthouse):
    posthouse = own_posthouse(DRAIN_SECONDS="20")
    client = posthouse.connect("alice", "alice-demo")
    client.send(b"a APPEND INBOX {%d}\r\n" % len(MESSAGE))
    assert client.read().tag == b"+"
    os.kill(posthouse.pids()["frontend1"], signal.SIGTERM)
    eventually(lambda: get(posthouse, "frontend1", "/readyz")[:3:2] == (503, "missing: draining\n"))
    assert get(posthouse, "frontend1", "/healthz")[0] == 200
    client.send(MESSAGE + b"\r\n")      # what runs is finished
    assert client.collect(b"a")[0].status == b"OK"
    with pytest.raises(Closed):
        client.wait_for(rb"never", 15)


def test_who_talks_while_told_goodbye_still_hears_it(own_posthouse):
    posthouse = own_posthouse(DRAIN_SECONDS="5")
    client = posthouse.connect("alice", "alice-demo")
    os.kill(posthouse.pids()["frontend1"], signal.SIGTERM)
    time.sleep(0.5)                     # by now the goodbye has been said
    for _ in range(3):
        client.send(b"a NOOP\r\n")      # and nobody answers with a reset
        time.sleep(0.05)
    assert client.read().line.startswith(b"* BYE Server is shutting down")


def test_logs_follow_a_command_and_keep_secrets(own_posthouse):
    password, wrong = "Pferd-49731-geheim", "Kutsche-88315-falsch"
    posthouse = own_posthouse(LOG_LEVEL="debug", LOG_FORMAT="json")
    posthouse.user("tracy", password)
    client = posthouse.connect("tracy", password)
    uid = client.append("INBOX", MESSAGE)
    client.select("INBOX")
    client.ok(f"UID FETCH {uid} (BODY[])")
    client.logout()
    sasl = [base64.b64encode(b"\0tracy\0" + word.encode()).decode() for word in (password, wrong)]
    refused = Imap(posthouse.port())
    assert refused.command(f"LOGIN tracy {wrong}")[0].status == b"NO"
    assert refused.command(f"AUTHENTICATE PLAIN {sasl[1]}")[0].status == b"NO"
    refused.ok(f"AUTHENTICATE PLAIN {sasl[0]}")
    refused.logout()

    logs = {path.stem: path.read_text() for path in posthouse.run_dir.glob("log/*.log")}
    lines = {name: [json.loads(line) for line in text.splitlines()]
             for name, text in logs.items() if name != "redis"}
    assert set(lines) == set(HTTP)

    def traces(service, message):
        return {line["trace"] for line in lines[service] if re.match(message, line["msg"])}

    fetched = traces("frontend1", r"imap: UID FETCH: ok")
    assert len(fetched) == 1
    assert fetched <= traces("storesvc", r"Fetch: OK")
    assert traces("frontend1", r"imap: LOGIN: ok") & traces("authsvc", r"Login: OK")
    for name, text in logs.items():
        for secret in (password, wrong, *sasl):
            assert secret not in text, name


def test_log_level_changes_at_run_time(tmp_path):
    settings, log = tmp_path / "conf", tmp_path / "log"
    settings.write_text("LOG_LEVEL=warn\n")
    environment = {k: v for k, v in os.environ.items() if k != "LOG_LEVEL"}
    with open(log, "wb") as out:
        service = subprocess.Popen(
            [str(BUILD / "bin" / "posthouse-outboxsvc"), f"--config={settings}",
             f"--listen=ipc://{tmp_path}/socket"], stderr=out, env=environment)

    def tell(number, text):
        os.kill(service.pid, number)
        eventually(lambda: text in log.read_text())

    try:
        eventually((tmp_path / "socket").exists)
        time.sleep(0.1)                 # signals have handlers by now
        tell(signal.SIGUSR1, "log level is info now")
        tell(signal.SIGUSR1, "log level is debug now")
        tell(signal.SIGUSR2, "log level is info now")
        settings.write_text("LOG_LEVEL=loud\n")
        tell(signal.SIGHUP, "settings stay as they are")
        settings.write_text("LOG_LEVEL=info\nLOG_FORMAT=json\n")
        os.kill(service.pid, signal.SIGHUP)
        time.sleep(0.1)
        tell(signal.SIGHUP, '"msg":"reloading"}')
    finally:
        service.terminate()
        assert service.wait(10) == 0


def test_the_reference_is_current():
    made = subprocess.run([str(ROOT / "tools" / "metrics.sh"), str(BUILD)], capture_output=True, check=True)
    assert made.stdout == (ROOT / "docs" / "metrics.md").read_bytes(), "run make docs"
