"""Maildirs that Courier's and Dovecot's POP3 servers made: nothing is downloaded twice.

The servers themselves make them. Their packages cannot be installed side by side, so they are
unpacked, and their programs talk POP3 over a pipe.
"""

import os
import poplib
import subprocess

import pytest

from conftest import BUILD, ROOT

UNPACKED = BUILD / "unpacked"
PACKAGES = {
    "courier": ["courier-pop", "courier-authlib", "libcourier-unicode4"],
    "dovecot": ["dovecot-core", "dovecot-pop3d"],
}


def courier(home):
    found = UNPACKED / "courier"
    libraries = {str(path.parent) for path in found.rglob("libcourier*.so.*")}
    return (["/usr/bin/env", f"LD_LIBRARY_PATH={':'.join(sorted(libraries))}", "AUTHENTICATED=x", "AUTHADDR=x",
             str(next(found.rglob("courierpop3d"))), "Maildir"])


def dovecot(home, *settings):
    found = UNPACKED / "dovecot/usr/lib/dovecot"
    options = [f"mail_location=maildir:{home}/Maildir", f"mail_plugin_dir={found}/modules", "log_path=/dev/stderr",
               *settings]
    if os.getuid() == 0:
        options += ["mail_uid=nobody", "mail_gid=nogroup"]
        subprocess.run(["chown", "-R", "nobody:nogroup", str(home)], check=True)
        os.chmod(home, 0o755)
    command = ["/usr/bin/env", f"LD_LIBRARY_PATH={found}", "USER=x", f"HOME={home}", str(found / "pop3"), "-O"]
    return command + [word for option in options for word in ("-o", option)]


def dovecot_saved(home):
    """Names of a form that only the list tells."""
    return dovecot(home, "pop3_uidl_format=%v-%u-x", "pop3_save_uidl=yes")


SERVERS = {"courier": courier, "dovecot": dovecot, "dovecot, names of its own": dovecot_saved}


def uidl_of(command, home):
    """What UIDL says there, with a message retrieved and another one deleted on the way."""
    talk = "UIDL\r\nRETR 2\r\nDELE 3\r\nQUIT\r\n"
    done = subprocess.run(command, cwd=home, input=talk.encode(), stdout=subprocess.PIPE, timeout=30,
                          env={"PATH": os.environ["PATH"], "HOME": str(home)}, check=False)
    lines = done.stdout.decode().splitlines()
    begin = next(i for i, line in enumerate(lines) if line.startswith("1 ") and len(line.split()) == 2)
    return [line.split()[1] for line in lines[begin:lines.index(".", begin)]]


def deliver(maildir, numbers):
    for number in numbers:
        (maildir / "new" / f"{1700000000 + number}.M{number}P1.host").write_text(
            f"Subject: number {number}\n\nThis is message {number}.\n")


def names_with_subjects(pop):
    count = pop.stat()[0]
    uidl = [line.decode().split()[1] for line in pop.uidl()[1]]
    return {name: pop.top(number, 0)[1][0].decode() for name, number in zip(uidl, range(1, count + 1))}


@pytest.mark.parametrize("server", SERVERS)
def test_nothing_is_downloaded_twice(posthouse, account, tmp_path_factory, server):
    subprocess.run([str(ROOT / "tools" / "unpack.sh"), str(UNPACKED / server.split(",")[0]),
                    *PACKAGES[server.split(",")[0]]], check=True)
    home = tmp_path_factory.mktemp("home")
    maildir = home / "Maildir"
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True)
    for path in (home, *home.parents):
        if path.stat().st_uid == os.getuid() and str(path).startswith("/tmp/"):
            os.chmod(path, 0o755)

    deliver(maildir, range(1, 8))
    first = uidl_of(SERVERS[server](home), home)
    deliver(maildir, range(8, 11))
    second = uidl_of(SERVERS[server](home), home)
    assert len(first) == 7 and len(second) == 9 and second[:2] == first[:2]
    # Number 3 is deleted by each visit: first message 3, then what had become the third.
    subjects = [n for n in range(1, 11) if n != 3]
    expected = {name: f"Subject: number {n}" for name, n in zip(second, subjects) if n != 4}

    there = posthouse.maildir(account)
    there.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-rT", str(maildir), str(there)], check=True)
    for visit in range(2):
        pop = poplib.POP3("127.0.0.1", posthouse.pop3_port(frontend=1 + visit), timeout=30)
        pop.user(account)
        pop.pass_("secret")
        found = names_with_subjects(pop)
        assert {name: found.get(name) for name in expected} == expected
        assert len(found) == len(expected) + visit
        assert len(set(found)) == len(found)
        pop.quit()
        deliver(there, [11])
