"""Hosts without containers: install, settings that survive upgrades, start and stop, systemd's units."""

import json
import os
import pathlib
import pwd
import re
import signal
import socket
import subprocess
import tempfile
import time

import pytest

from conftest import BUILD, ROOT, free_port_base
from imap import Imap, Refused

SERVICES = ["storesvc", "authsvc", "outboxsvc", "frontend"]
# Users and a group that every Debian has stand in for Posthouse's own.
USERS = {"storesvc": "bin", "authsvc": "daemon", "outboxsvc": "games", "frontend": "nobody"}
CALLERS, FORMER = "operator", "lp"
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can be several users")


class Host:
    """An installation below a folder of its own."""

    def __init__(self, prefix):
        self.prefix, self.etc = prefix, prefix / "etc"
        self.port = free_port_base()

    def make(self, *targets):
        done = subprocess.run(["make", "-s", f"BUILD={BUILD}", f"prefix={self.prefix}", *targets], cwd=ROOT, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=300)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def set(self, service, **settings):
        with open(self.etc / f"{service}.conf", "a", encoding="ascii") as conf:
            conf.writelines(f"{name}={value}\n" for name, value in settings.items())

    def posthouse(self, *words, code=0):
        done = subprocess.run([str(self.prefix / "sbin" / "posthouse"), *words], text=True, timeout=120,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        assert done.returncode == code, done.stdout
        return done.stdout

    def pid(self, service):
        return int((self.prefix / "var/run" / f"{service}.pid").read_text())

    def ctl(self, *words, text="", code=0):
        done = subprocess.run([str(self.prefix / "bin/posthousectl"), f"--config={self.etc}/posthousectl.conf", *words],
                              input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=60)
        assert done.returncode == code, done.stdout
        return done.stdout

    def user(self, name, password):
        self.ctl("user", "add", name, text=password + "\n")

    def as_user(self, user, *words):
        """What `user`, with no group but its own, gets done: exit code and output."""
        return subprocess.run(["setpriv", "--reuid", user, "--regid", str(pwd.getpwnam(user).pw_gid), "--clear-groups", *words],
                              errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=30)


@pytest.fixture
def host():
    """Where a service that is not root can get, as it can to /usr."""
    prefix = pathlib.Path(tempfile.mkdtemp(prefix="posthouse-host."))
    prefix.chmod(0o755)
    made = Host(prefix)
    yield made
    if (prefix / "sbin" / "posthouse").exists():
        made.posthouse("stop")
    subprocess.run(["rm", "-r", str(prefix)], check=True)


def configure(host):
    host.make("install", "install-configure")
    ports = {"IMAP_LISTEN": host.port + 143, "IMAPS_LISTEN": host.port + 993, "HTTP_LISTEN": host.port + 901}
    host.set("frontend", REDIS_URL="", **{name: f"127.0.0.1:{port}" for name, port in ports.items()})
    host.set("authsvc", REDIS_URL="", HTTP_LISTEN="")
    host.set("storesvc", REDIS_URL="", HTTP_LISTEN="")
    host.set("outboxsvc", HTTP_LISTEN="")
    (host.etc / "posthouse.conf").write_text("START_SECONDS=60\n" + "".join(
        f"{service.upper()}_AS={user}\n" for service, user in USERS.items()) + f"CALLERS={CALLERS}\nFORMER_USER={FORMER}\n")


def capabilities(pid):
    return int(re.search(r"^CapEff:\s+(\w+)", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M).group(1), 16)


def test_start_stop_and_what_is_between(host):
    configure(host)
    assert host.posthouse("status", code=3).count("stopped") == 4
    host.posthouse("start")
    host.user("alice@example.test", "secret")       # the first account of a fresh installation
    assert host.posthouse("status").count("running") == 4
    assert host.posthouse("start").count("running already") == 4
    if os.getuid() == 0:
        owners = {service: os.stat(f"/proc/{host.pid(service)}").st_uid for service in SERVICES}
        assert owners == {service: pwd.getpwnam(user).pw_uid for service, user in USERS.items()}
        assert {service: capabilities(host.pid(service)) for service in SERVICES} == {
            "storesvc": 0, "authsvc": 0, "outboxsvc": 0, "frontend": 1 << 10}     # CAP_NET_BIND_SERVICE

    c = Imap(host.port + 993, tls=True).login("alice@example.test", "secret")
    c.append("INBOX", b"Subject: kept\r\n\r\nx\r\n")
    before = {service: host.pid(service) for service in SERVICES}
    host.posthouse("reload")
    host.posthouse("restart", "storesvc")
    assert {s for s in SERVICES if host.pid(s) != before[s]} == {"storesvc"}
    c.ok("SELECT INBOX")
    assert any(b"Subject: kept" in r.raw for r in c.ok("FETCH 1 BODY[HEADER]"))

    os.kill(host.pid("outboxsvc"), signal.SIGKILL)
    time.sleep(0.2)
    assert "outboxsvc: dead" in host.posthouse("status", code=1)
    host.posthouse("start", "outboxsvc")
    host.posthouse("nothing", code=2)
    host.posthouse("start", "redis", code=2)
    host.posthouse("stop")
    host.posthouse("status", code=3)

    # A number in a file is not believed: it may be somebody else's by now.
    (host.prefix / "var/run/storesvc.pid").write_text(f"{os.getpid()}\n")
    host.posthouse("status", code=1)
    host.posthouse("stop")


@needs_root
def test_what_a_service_can_open(host):
    """A service that was broken into gets at nothing but its own: not at mail, accounts and keys of others."""
    configure(host)
    host.posthouse("start")
    host.user("alice@example.test", "secret")
    Imap(host.port + 993, tls=True).login("alice@example.test", "secret").append("INBOX", b"Subject: x\r\n\r\nx\r\n")
    message = next((host.prefix / "var/mail").rglob("cur/*"), None) or next((host.prefix / "var/mail").rglob("new/*"))
    readers = {
        host.etc / "ticket.key": {"authsvc"}, host.etc / "authsvc.conf": {"authsvc"}, host.etc / "frontend.conf": {"frontend"},
        host.etc / "storesvc.conf": {"storesvc"}, host.etc / "frontend.pem": {"frontend"}, host.etc / "admin.key": set(),
        host.etc / "accounts/userdb": {"authsvc"}, host.etc / "accounts/userdb.dat": {"authsvc"},
        host.etc / "accounts/userdbshadow.dat": {"authsvc"}, message: {"storesvc"}, host.etc / "ticket.pub": set(SERVICES),
    }
    for path, allowed in readers.items():
        assert path.exists()
        can = {service for service, user in USERS.items() if host.as_user(user, "head", "-c1", str(path)).returncode == 0}
        assert can == allowed, path
    # What root writes in belongs to root; sockets can be reached by those who call.
    run, log = host.prefix / "var/run", host.prefix / "var/log"
    for path in (run, log):
        assert (path.stat().st_uid, path.stat().st_mode & 0o7777) == (0, 0o755)
    assert {(log / f"{s}.log").stat().st_mode & 0o777 for s in SERVICES} == {0o640}
    for service in ("authsvc", "storesvc"):
        assert host.as_user(USERS["frontend"], "ls", str(run / service)).returncode != 0      # without the callers' group
        groups = re.search(r"^Groups:(.*)$", pathlib.Path(f"/proc/{host.pid('frontend')}/status").read_text(), re.M).group(1)
        assert str((run / service).stat().st_gid) in groups.split()
        assert (run / service / "rpc").stat().st_gid == (run / service).stat().st_gid
    assert host.as_user(USERS["storesvc"], "ls", str(run / "authsvc")).returncode != 0


@needs_root
def test_nothing_that_services_plant_is_followed(host):
    configure(host)
    host.posthouse("setup")
    victim = host.prefix / "victim"
    victim.write_text("root's\n")
    victim.chmod(0o600)
    run, log = host.prefix / "var/run", host.prefix / "var/log"
    # As an earlier version left them: directories of the services' user, who has planted what it likes.
    for path in (run, log):
        for inside in path.iterdir():
            subprocess.run(["rm", "-r", str(inside)], check=True)
        os.chown(path, pwd.getpwnam(FORMER).pw_uid, -1)
    away = host.prefix / "away"
    away.mkdir()
    (run / "authsvc.pid").symlink_to(victim)
    (log / "authsvc.log").symlink_to(victim)
    os.link(victim, log / "storesvc.log")
    os.mkfifo(log / "frontend.log")
    (run / "authsvc").symlink_to(away)
    (run / "storesvc").write_text("in the way")
    said = host.posthouse("start")
    assert said.count("is removed") == 4
    assert victim.read_text() == "root's\n" and victim.stat().st_mode & 0o777 == 0o600 and victim.stat().st_uid == 0
    assert away.stat().st_uid == 0 and not any(away.iterdir())
    host.posthouse("stop")
    # And now they cannot plant anything there any more.
    for user in USERS.values():
        for path in (run, log, host.etc):
            assert host.as_user(user, "ln", "-s", str(victim), str(path / "planted")).returncode != 0


@needs_root
def test_an_installation_with_one_user_is_migrated(host):
    configure(host)
    old, settings = pwd.getpwnam(FORMER), host.etc / "posthouse.conf"
    several = settings.read_text()
    settings.write_text(several + f"RUN_AS={FORMER}\n")
    host.posthouse("start")
    host.user("alice@example.test", "secret")
    Imap(host.port + 993, tls=True).login("alice@example.test", "secret").append("INBOX", b"Subject: kept\r\n\r\nx\r\n")
    assert {os.stat(f"/proc/{host.pid(s)}").st_uid for s in SERVICES} == {old.pw_uid}
    host.posthouse("stop")
    # Settings as the version before made them: the socket of each service in one directory.
    for conf in host.etc.glob("*.conf"):
        conf.write_text(re.sub(r"(ipc://\S*?/(?:frontend|authsvc|storesvc|outboxsvc))/rpc", r"\1", conf.read_text()))
    theirs = host.prefix / "var/mail/alice@example.test/of-somebody-else"
    theirs.write_text("x")
    os.chown(theirs, 0, 0)

    settings.write_text(several)
    host.make("install", "install-configure")
    assert "is given to bin" in host.posthouse("start")
    c = Imap(host.port + 993, tls=True).login("alice@example.test", "secret")
    c.ok("SELECT INBOX")
    assert any(b"Subject: kept" in r.raw for r in c.ok("FETCH 1 BODY[HEADER]"))
    host.user("bob@example.test", "secret")
    owners = {p.lstat().st_uid for p in (host.prefix / "var/mail").rglob("*") if p != theirs}
    assert owners == {pwd.getpwnam(USERS["storesvc"]).pw_uid} and theirs.stat().st_uid == 0
    assert {os.stat(f"/proc/{host.pid(s)}").st_uid for s in SERVICES} == {pwd.getpwnam(u).pw_uid for u in USERS.values()}
    assert (host.etc / "ticket.key").stat().st_uid == pwd.getpwnam(USERS["authsvc"]).pw_uid


@needs_root
def test_no_service_is_root_by_accident(host):
    configure(host)
    with open(host.etc / "posthouse.conf", "a", encoding="ascii") as settings:
        settings.write("AUTHSVC_AS=nobody-of-that-name\n")
    assert "there is no user nobody-of-that-name" in host.posthouse("start", code=1)
    assert host.posthouse("status", code=3).count("stopped") == 4
    with open(host.etc / "posthouse.conf", "a", encoding="ascii") as settings:
        settings.write("RUN_AS=root\n")
    host.posthouse("start")
    assert {os.stat(f"/proc/{host.pid(s)}").st_uid for s in SERVICES} == {0}


@needs_root
def test_only_the_process_that_asks_pam_is_root(host):
    configure(host)
    with open(host.etc / "posthouse.conf", "a", encoding="ascii") as settings:
        settings.write("AS_ROOT=authsvc\n")
    host.set("authsvc", AUTH_MODULES="userdb pam", PAM_SERVICE="imap")
    host.posthouse("start")
    host.user("alice@example.test", "secret")
    Imap(host.port + 993, tls=True).login("alice@example.test", "secret")
    pid = host.pid("authsvc")
    uids = {str(pwd.getpwnam(USERS["authsvc"]).pw_uid)}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        status = (task / "status").read_text()
        assert set(re.search(r"^Uid:(.*)$", status, re.M).group(1).split()) == uids
        assert re.search(r"^CapPrm:\s+0+$", status, re.M)
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    assert [pathlib.Path(f"/proc/{child}/comm").read_text().strip() for child in children] == ["authsvc-pam"]
    assert [os.stat(f"/proc/{child}").st_uid for child in children] == [0]
    # Another is not forked by a process that is not root: that is said, and others still log in.
    os.kill(int(children[0]), signal.SIGKILL)
    with pytest.raises(Refused):
        Imap(host.port + 993, tls=True).login("mallory@example.test", "wrong")
    assert "the PAM keeper has gone" in (host.prefix / "var/log/authsvc.log").read_text()
    Imap(host.port + 993, tls=True).login("alice@example.test", "secret")


def test_tools_find_their_own_installation(host):
    """Below a private prefix nothing needs to be told where it is, and nothing is outside of it."""
    configure(host)
    host.posthouse("start")
    tools = {name: str(host.prefix / "bin" / name) for name in ("posthousectl", "userdb", "authtest", "authinfo")}

    def run(*words, text=""):
        return subprocess.run(words, input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                              timeout=60, cwd="/", env={"PATH": os.environ["PATH"]})
    assert run(tools["posthousectl"], "user", "add", "alice@example.test", text="secret\n").returncode == 0
    shown = json.loads(run(tools["posthousectl"], "--json", "user", "show", "alice@example.test").stdout)
    assert str(host.prefix / "var/mail/alice@example.test") in json.dumps(shown)
    Imap(host.port + 993, tls=True).login("alice@example.test", "secret").select("INBOX")
    assert "alice@example.test" in run(tools["userdb"], "-show").stdout
    assert run(tools["authtest"], "-t", "20", "alice@example.test", "secret").returncode == 0
    said = run(tools["posthousectl"], "mailbox", "lst", "alice@example.test")
    assert said.returncode == 64 and "list, check, rebuild" in said.stdout
    assert (host.prefix / "share/posthouse/pam.d/imap").exists()


def test_a_port_in_use_is_refused(host):
    configure(host)
    host.posthouse("start")
    frontend = str(host.prefix / "sbin/posthouse-frontend")
    words = [frontend, f"--config={host.etc}/frontend.conf", f"--listen=ipc://{host.prefix}/second", "--http-listen="]
    said = subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=60)
    assert said.returncode == 69 and "Address already in use" in said.stdout


def test_every_tool_says_how_it_is_used():
    for tool in sorted((BUILD / "bin").iterdir()):
        if not tool.is_file():
            continue
        for word, wanted in (("--help", "usage"), ("--version", "0.")):
            said = subprocess.run([str(tool), word], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, check=False, timeout=20)
            assert said.returncode == 0 and wanted in said.stdout.lower(), (tool.name, word)
        assert subprocess.run([str(tool), "--no-such-option"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False, timeout=20).returncode in (64, 78), tool.name


def test_a_service_that_cannot_start_says_why(host):
    configure(host)
    host.set("frontend", IMAP_LISTEN="127.0.0.1:99999")
    assert "frontend did not start" in host.posthouse("start", code=1)


def test_settings_survive_an_upgrade(host):
    host.make("install", "install-configure")
    conf = host.etc / "frontend.conf"
    fresh = conf.read_text()
    host.make("install-configure")
    assert conf.read_text() == fresh and not (host.etc / "frontend.conf.bak").exists()

    # An older version, that knew less and more; an operator's values and his mode.
    older = re.sub(r"##NAME: MAXPERUSER\n.*?\n\n", "", fresh, flags=re.S).replace("#MAXPERIP=0", "MAXPERIP=7  # so many")
    conf.write_text(older + "GONE_BY_NOW=1\nIDLE_TIMEOUT=45m\n")
    conf.chmod(0o640)
    said = host.make("install", "install-configure")
    text = conf.read_text()
    assert "MAXPERIP=7  # so many" in text and "\nIDLE_TIMEOUT=45m\n" in text
    assert "\n##NAME: MAXPERUSER\n" in text and "frontend.conf: new: MAXPERUSER" in said
    assert "\n#GONE_BY_NOW=1\n" in text and "left out: GONE_BY_NOW" in said
    assert (host.etc / "frontend.conf.bak").read_text() == older + "GONE_BY_NOW=1\nIDLE_TIMEOUT=45m\n"
    assert conf.stat().st_mode & 0o777 == 0o640
    assert [line for line in text.splitlines() if line.startswith("TLS_CERTFILE=")]

    for name in (f"{service}.conf" for service in SERVICES):
        assert (host.etc / name).stat().st_mode & 0o007 == 0        # passwords of databases are in there
    assert (host.etc / "frontend.conf.bak").stat().st_mode & 0o007 == 0

    conf.write_text('. /etc/courier/imapd\nif [ "$MAXPERIP" ]\nthen :\nfi\n')
    assert "is of another form" in host.make("install-configure")
    assert conf.read_text() == fresh
    assert "courier" in (host.etc / "frontend.conf.bak").read_text()
    assert subprocess.run([str(host.prefix / "sbin" / "posthouse-frontend"), f"--config={conf}", "--version"],
                          stdout=subprocess.DEVNULL, check=False).returncode == 0


def test_modules_are_packaged_apart(host):
    modules = host.prefix / "lib/posthouse"
    host.make("install", "APART=ldap mysql")
    assert (modules / "auth-userdb.so").exists()
    assert not (modules / "auth-ldap.so").exists() and not (modules / "auth-mysql.so").exists()
    host.make("install-module-ldap")
    assert (modules / "auth-ldap.so").exists() and not (modules / "auth-mysql.so").exists()


def analyze(*words):
    return subprocess.run(["systemd-analyze", *words], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False, timeout=60)


# What `systemd-analyze security` says: 0 is nothing exposed, 10 everything.
EXPOSURE = {"frontend": 1.6, "authsvc": 1.4, "storesvc": 1.4, "outboxsvc": 1.2}


def test_units(host):
    host.make("install")
    units = host.prefix / "lib/systemd/system"
    for unit in sorted(units.iterdir()):
        # Other packages' units are not there; what systemd has against ours is.
        said = [line for line in analyze("verify", "--man=no", "--recursive-errors=no", str(unit)).stdout.splitlines()
                if str(units) in line or unit.name in line]
        assert not said, said
    for service, most in EXPOSURE.items():
        said = analyze("security", "--offline=yes", f"--threshold={round(most * 10)}", "--no-pager",
                       str(units / f"posthouse-{service}.service"))
        assert said.returncode == 0, said.stdout
        assert re.search(rf"Overall exposure level .*: {most} OK", said.stdout), said.stdout[-300:]


def test_systemd_is_told(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(tmp_path / "notify"))
        notify.settimeout(10)
        environment = dict(os.environ, NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="1000000")
        process = subprocess.Popen([str(BUILD / "bin" / "posthouse-outboxsvc"), f"--listen=ipc://{tmp_path}/rpc"],
                                   env=environment, stderr=subprocess.DEVNULL)
        try:
            def heard(what):
                while True:
                    said = notify.recv(1024).decode()
                    if said.startswith(what):
                        return said
            heard("READY=1")
            heard("WATCHDOG=1")
            process.send_signal(signal.SIGHUP)
            assert "MONOTONIC_USEC=" in heard("RELOADING=1")
            heard("READY=1")
            process.terminate()
            heard("STOPPING=1")
            assert process.wait(10) == 0
        finally:
            process.kill()
            process.wait()
