"""authdaemond's socket, asked by those who know it: Courier's library, maildrop, Exim; and by rude clients."""

import base64
import concurrent.futures
import hashlib
import hmac
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import pytest

from conftest import BUILD, ROOT
from test_auth_sources import Auth

HERE = pathlib.Path(__file__).resolve().parent
TRY_AGAIN = 75


@pytest.fixture(scope="module")
def unpacked():
    """maildrop, Exim and Courier's library would be in the way of other mail programs if they were installed."""
    to = BUILD / "unpacked" / "authdaemon"
    done = subprocess.run([str(ROOT / "tools/unpack.sh"), str(to), "courier-authlib", "maildrop", "libcourier-unicode4",
                           "libgdbm6", "libpcre3", "exim4-daemon-light", "libgnutls-dane0", "libunbound8", "libidn12",
                           "libnsl2"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"packages cannot be fetched: {done.stderr.strip().splitlines()[-1:]}")
    return to


@pytest.fixture(scope="module")
def daemon():
    """authsvc with a userdb and its socket, in a folder that everybody may enter."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="posthouse-authdaemon."))
    folder.chmod(0o755)
    uid, gid = os.getuid() or 1001, os.getgid() or 1002
    home = folder / "home"
    home.mkdir()
    os.chown(home, uid, gid)
    states = {kind: subprocess.run([str(BUILD / "bin/userdbpw"), f"-hmac-{kind}"], input="se cret\n", text=True,
                                   capture_output=True, check=True).stdout.strip() for kind in ("md5", "sha1", "sha256")}
    a = Auth(folder / "auth", "userdb", AUTHDAEMON_SOCKET=str(folder / "socket"), DEFAULTOPTIONS="wbnodsn=1",
             DEFAULT_DOMAIN="example.test")
    with open(a.folder / "userdb", "a", encoding="ascii") as f:
        f.write(f"alice@example.test\tuid={uid}|gid={gid}|home={home}|mail=./Maildir|gecos=Alice A.|quota=1000S"
                f"|options=group=a|systempw={{SHA}}{base64.b64encode(hashlib.sha1(b'se cret').digest()).decode()}"
                + "".join(f"|hmac-{kind}pw={value}" for kind, value in states.items()) + "\n"
                f"clear@example.test\tuid={uid}|gid={gid}|home={home}|systempw={{PLAIN}}se cret\n"
                f"rootless@example.test\tuid=0|gid=0|home={home}|systempw={{PLAIN}}se cret\n"
                f"odd@example.test\tuid={uid}|gid=1|home={home}|systempw={{ODD}}\n")
    subprocess.run([str(BUILD / "bin/makeuserdb"), "-f", str(a.folder / "userdb")], check=True)
    a.socket, a.uid, a.gid, a.home = folder / "socket", uid, gid, home
    deadline = time.monotonic() + 10
    while not a.socket.exists():
        assert time.monotonic() < deadline, a.folder.joinpath("log").read_text()
        time.sleep(0.02)
    yield a
    a.stop()
    assert not a.socket.exists()
    shutil.rmtree(folder)


def ask(daemon, text, timeout=30):
    """What comes back until the connection closes."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(timeout)
        s.connect(str(daemon.socket))
        s.sendall(text.encode() if isinstance(text, str) else text)
        answer = b""
        try:
            while piece := s.recv(65536):
                answer += piece
        except ConnectionResetError:	# there was more than it wanted to hear
            pass
        return answer.decode()


def auth(service, kind, *lines):
    body = "".join(line + "\n" for line in (service, kind, *lines))
    return f"AUTH {len(body.encode())}\n{body}"


def cram(kind, name, password, challenge="<1.2@host>"):
    digest = hmac.new(password.encode(), challenge.encode(), kind).hexdigest()
    return (base64.b64encode(challenge.encode()).decode(), base64.b64encode(f"{name} {digest}".encode()).decode())


def fields(answer):
    assert answer.endswith("\n.\n"), answer
    return dict(line.split("=", 1) for line in answer.splitlines()[:-1])


def test_words(daemon):
    alice = {"UID": str(daemon.uid), "GID": str(daemon.gid), "HOME": str(daemon.home), "ADDRESS": "alice@example.test",
             "NAME": "Alice A.", "MAILDIR": "./Maildir", "QUOTA": "1000S", "OPTIONS": "group=a,wbnodsn=1"}
    proved = dict(alice, PASSWD2="se cret")
    assert fields(ask(daemon, "PRE . imap alice@example.test\n")) == alice
    assert fields(ask(daemon, "PRE authuserdb imap alice\n")) == alice
    assert fields(ask(daemon, "TCPREMOTEIP=192.0.2.1\nOTHER=x\nPRE userdb pop3 alice\n")) == alice
    assert fields(ask(daemon, auth("imap", "login", "alice", "se cret"))) == proved
    for kind in ("md5", "sha1", "sha256"):
        assert fields(ask(daemon, auth("imap", f"cram-{kind}", *cram(kind, "alice", "se cret")))) == alice
        clear = fields(ask(daemon, auth("imap", f"cram-{kind}", *cram(kind, "clear", "se cret"))))
        assert (clear["ADDRESS"], clear["PASSWD2"]) == ("clear@example.test", "se cret")
        assert ask(daemon, auth("imap", f"cram-{kind}", *cram(kind, "alice", "secret"))) == "FAIL\n"
    for refused in ("PRE . imap stranger\n", "PRE authpam imap alice\n", auth("imap", "login", "alice", "secret"),
                    auth("imap", "login", "stranger", "x"), auth("imap", "x-new", "alice"), auth("imap", "cram-md5", "?", "?"),
                    auth("../pam.d/imap", "login", "alice", "se cret"), "PASSWD imap\talice\twrong\tnew\n"):
        assert ask(daemon, refused) == "FAIL\n", refused
    for silent in ("HELLO\n", auth("imap", "login", "odd", "x"), "PRE . imap rootless\n", "AUTH 9999\n", "\0" * 20000):
        assert ask(daemon, silent) == "", silent
    assert daemon.socket.stat().st_mode & 0o7777 == 0o777


def test_list_and_new_password(daemon):
    lines = ask(daemon, "ENUMERATE\n").splitlines()
    assert (lines[0], lines[1], lines[-1]) == ("# userdb", "", ".")
    assert f"alice@example.test\t{daemon.uid}\t{daemon.gid}\t{daemon.home}\t./Maildir\tgroup=a,wbnodsn=1" in lines
    assert not any(line.startswith("rootless") for line in lines)
    daemon.userdb("carol@example.test", "old")
    assert ask(daemon, "PASSWD imap\tcarol\told\tnew one\n") == "OK\n"
    assert ask(daemon, auth("imap", "login", "carol", "old")) == "FAIL\n"
    assert fields(ask(daemon, auth("imap", "login", "carol", "new one")))["PASSWD2"] == "new one"


def test_many_at_once_and_those_who_say_nothing(daemon):
    mute = [socket.socket(socket.AF_UNIX) for _ in range(200)]
    for i, s in enumerate(mute):
        s.settimeout(20)
        s.connect(str(daemon.socket))
        if i % 2:
            s.sendall(b"AUTH 100\nimap\n")
    begun = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda _: ask(daemon, auth("imap", "login", "alice", "se cret")), range(200)))
    assert all("ADDRESS=alice@example.test\n" in answer for answer in answers)
    assert time.monotonic() - begun < 8
    assert {s.recv(10) for s in mute} == {b""}		# each had its ten seconds
    assert time.monotonic() - begun < 15
    for s in mute:
        s.close()


def test_guessing_is_held_back_by_nobody_elses_thread(tmp_path):
    a = Auth(tmp_path / "auth", "userdb", AUTH_FAIL_DELAY="2", AUTHDAEMON_SOCKET=str(tmp_path / "socket"))
    a.socket = tmp_path / "socket"
    try:
        a.userdb("alice@example.test", "right")
        deadline = time.monotonic() + 10
        while not a.socket.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        guesses = [auth("imap", "login", "alice@example.test", f"wrong {i}") for i in range(10)]
        assert ask(a, guesses.pop()) == "FAIL\n"
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            begun = time.monotonic()
            held = [pool.submit(ask, a, guess) for guess in guesses]
            time.sleep(0.5)
            assert "ADDRESS=" in ask(a, "PRE . imap nobody@example.test\n")
            assert time.monotonic() - begun < 1.5
            a.process.terminate()
            assert {answer.result() for answer in held} == {"FAIL\n"}
            assert time.monotonic() - begun < 4
    finally:
        a.stop()


def test_a_socket_that_cannot_be_made(tmp_path):
    a = Auth(tmp_path / "auth", "userdb", AUTHDAEMON_SOCKET="/nowhere/socket")
    assert a.process.wait(10) == 69
    a.log.close()
    assert "/nowhere/socket" in (tmp_path / "auth/log").read_text()


INSIDE = """
mount -t tmpfs none /run && mkdir -p /run/courier/authdaemon && ln -s authdaemon /run/courier/autthdaemon &&
ln -s "$SOCKET" /run/courier/authdaemon/socket &&
{ cat /etc/passwd; echo Debian-exim:x:64000:64000::/:/bin/false; } >/run/passwd && mount --bind /run/passwd /etc/passwd &&
{ cat /etc/group; echo Debian-exim:x:64000:; } >/run/group && mount --bind /run/group /etc/group &&
cp "$1" /run/program && chmod 755 /run/program && shift && exec /run/program "$@"
"""


def in_place_of_couriers(daemon, unpacked, program, *argv, code=0, **more):
    """
    Run a program that has paths and users compiled in. The socket is where Debian's packages have it, in both
    spellings; a copy of the program has no set-user-id, which would make it forget where its libraries are.
    """
    libraries = ":".join(str(unpacked / d) for d in ("usr/lib", "usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"))
    unshare = ["unshare", "-m"] if os.getuid() == 0 else ["unshare", "-rm"]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("a mount namespace of one's own is not to be had here")
    done = subprocess.run(
        [*unshare, "sh", "-c", INSIDE, "sh", str(program), *map(str, argv)], capture_output=True, text=True, check=False,
        timeout=60, env=dict(os.environ, LD_LIBRARY_PATH=libraries, SOCKET=str(daemon.socket)), **more)
    assert done.returncode == code, (argv, done.stdout, done.stderr)
    return done.stdout


def test_couriers_library(daemon, unpacked):
    def library(*words, code=0):
        return in_place_of_couriers(daemon, unpacked, sys.executable, HERE / "courierauth.py", *words, code=code)

    told = dict(line.split("=", 1) for line in library("login", "imap", "alice", "se cret").splitlines())
    assert told == {"sysuserid": str(daemon.uid), "sysgroupid": str(daemon.gid), "homedir": str(daemon.home),
                    "address": "alice@example.test", "fullname": "Alice A.", "maildir": "./Maildir", "quota": "1000S",
                    "clearpasswd": "se cret", "options": "group=a,wbnodsn=1"}
    assert "address=alice@example.test" in library("info", "imap", "alice")
    assert "address=alice@example.test" in library("cram", "cram-sha256", "imap", *cram("sha256", "alice", "se cret"))
    library("login", "imap", "alice", "wrong", code=1)
    library("info", "imap", "stranger", code=1)
    library("login", "imap", "odd", "x", code=TRY_AGAIN)
    listed = library("list").splitlines()
    assert f"alice@example.test {daemon.uid} {daemon.gid} {daemon.home} ./Maildir group=a,wbnodsn=1" in listed
    assert listed[-1] == "end"
    daemon.userdb("dave@example.test", "old")
    library("passwd", "imap", "dave", "wrong", "new", code=1)
    library("passwd", "imap", "dave", "old", "new")
    library("login", "imap", "dave", "new")


def test_maildrop_delivers(daemon, unpacked):
    subprocess.run([str(unpacked / "usr/bin/maildirmake.maildrop"), str(daemon.home / "Maildir")], check=True, env=dict(
        os.environ, LD_LIBRARY_PATH=str(unpacked / "usr/lib/x86_64-linux-gnu")))
    for path in (daemon.home / "Maildir", *(daemon.home / "Maildir").iterdir()):
        os.chown(path, daemon.uid, daemon.gid)
    in_place_of_couriers(daemon, unpacked, unpacked / "usr/bin/maildrop", "-d", "alice@example.test",
                         input="From: bob\nSubject: Fresh horses\n\nReady.\n")
    delivered = list((daemon.home / "Maildir/new").iterdir())
    assert len(delivered) == 1
    assert "Fresh horses" in delivered[0].read_text()
    in_place_of_couriers(daemon, unpacked, unpacked / "usr/bin/maildrop", "-d", "odd-one@example.test", input="x\n",
                         code=67)


def test_exims_look_up(daemon, unpacked, tmp_path):
    """Exim's authenticator for authdaemond, as its manual has it."""
    conf = tmp_path / "exim.conf"
    conf.write_text(f"exim_user = {os.getuid()}\nexim_group = {os.getgid()}\nspool_directory = {tmp_path}\n"
                    f"log_file_path = {tmp_path}/%slog\nkeep_environment =\n")

    def exim(user, password):
        body = f"exim\\nlogin\\n{user}\\n{password}\\n"
        expression = (f"${{extract {{ADDRESS}} {{${{readsocket{{{daemon.socket}}}"
                      f"{{AUTH ${{strlen:{body}}}\\n{body}}} }} }} {{yes $value}} {{no}}}}")
        return in_place_of_couriers(daemon, unpacked, unpacked / "usr/sbin/exim4", "-C", conf, "-be", expression).strip()

    assert exim("alice", "se cret") == "yes alice@example.test"
    assert exim("alice", "wrong") == "no"
