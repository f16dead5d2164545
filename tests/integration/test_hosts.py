"""Hosts without containers: install, settings that survive upgrades, start and stop, systemd's units."""

import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time

import pytest

from conftest import BUILD, ROOT, free_port_base
from imap import Imap

SERVICES = ["storesvc", "authsvc", "outboxsvc", "frontend"]


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

    def user(self, name, password):
        tools = self.prefix / "bin"
        hashed = subprocess.run([str(tools / "userdbpw")], input=f"{password}\n{password}\n", text=True,
                                stdout=subprocess.PIPE, check=True).stdout.strip()
        source = self.etc / "userdb"
        source.touch(mode=0o600)
        home = self.prefix / "var/mail" / name
        with open(source, "a", encoding="ascii") as f:
            f.write(f"{name}\tuid=0|gid=0|home={home}|systempw={hashed}\n")
        subprocess.run([str(tools / "makeuserdb"), "-f", str(source)], check=True)
        if os.getuid() == 0:
            for path in self.etc.glob("userdb*"):
                subprocess.run(["chown", "nobody", str(path)], check=True)


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
    (host.etc / "posthouse.conf").write_text("RUN_AS=nobody\nSTART_SECONDS=20\n")


def capabilities(pid):
    return int(re.search(r"^CapEff:\s+(\w+)", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M).group(1), 16)


def test_start_stop_and_what_is_between(host):
    configure(host)
    assert host.posthouse("status", code=3).count("stopped") == 4
    host.user("alice@example.test", "secret")
    host.posthouse("start")
    assert host.posthouse("status").count("running") == 4
    assert host.posthouse("start").count("running already") == 4
    if os.getuid() == 0:
        owners = {service: os.stat(f"/proc/{host.pid(service)}").st_uid for service in SERVICES}
        assert set(owners.values()) == {65534}
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
EXPOSURE = {"frontend": 1.6, "authsvc": 1.2, "storesvc": 1.2, "outboxsvc": 1.2}


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
