"""Settings that change what clients see, and the commands of the README."""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

from conftest import ROOT


def test_couriers_view_of_the_same_folders(own_posthouse):
    """IMAP_NAMESPACE_PREFIX=INBOX. and IMAP_SEPARATOR=. over folders that are already there."""
    ph = own_posthouse(IMAP_NAMESPACE_PREFIX="INBOX.", IMAP_SEPARATOR=".")
    c = ph.connect("alice", "alice-demo")
    assert c.ok("NAMESPACE")[0].line == b'* NAMESPACE (("INBOX." ".")) NIL NIL'
    c.ok("CREATE INBOX.Work.Horses")
    c.ok("SUBSCRIBE INBOX.Work.Horses")
    c.append("INBOX.Work.Horses", b"Subject: x\r\n\r\nx\r\n")
    maildir = ph.maildir("alice")
    assert (maildir / ".Work.Horses" / "cur").is_dir()
    assert "INBOX.Work.Horses" in (maildir / "courierimapsubscribed").read_text()
    (maildir / ".Made.By.Courier").mkdir(mode=0o700)
    for sub in ("cur", "new", "tmp"):
        (maildir / ".Made.By.Courier" / sub).mkdir(mode=0o700)
    names = {re.search(rb'"\." "?([^"]+)"?$', r.line).group(1) for r in c.ok('LIST "" "*"')}
    assert {b"INBOX", b"INBOX.Work.Horses", b"INBOX.Made.By.Courier"} <= names
    assert c.select("INBOX.Made.By.Courier")["exists"] == 0
    tagged, _ = c.command("CREATE Outside")
    assert tagged.status == b"NO"
    tagged, _ = c.command('CREATE "INBOX.a/b"')
    assert tagged.status == b"NO"


def test_folders_of_dovecot_and_courier_keep_their_uids(own_posthouse):
    ph = own_posthouse()
    base = ph.maildir("alice")
    made = {
        ".Courier": ("courierimapuiddb", "1 1234567 9\n3 100.a.host\n8 101.b.host\n"),
        ".Dovecot": ("dovecot-uidlist", "3 V1234567 N9 G0123456789abcdef\n3 :100.a.host\n8 :101.b.host\n"),
    }
    ph.connect("alice", "alice-demo").logout()
    for folder, (name, text) in made.items():
        for sub in ("cur", "new", "tmp"):
            (base / folder / sub).mkdir(parents=True)
        (base / folder / name).write_text(text)
        (base / folder / "cur" / "100.a.host:2,S").write_bytes(b"Subject: a\n\na\n")
        (base / folder / "cur" / "101.b.host:2,F").write_bytes(b"Subject: b\n\nb\n")
    c = ph.connect("alice", "alice-demo")
    for folder in made:
        told = c.select(folder[1:])
        assert told["uidvalidity"] == 1234567, folder
        assert told["uidnext"] >= 9, folder
        assert c.flags() == {3: {b"\\Seen"}, 8: {b"\\Flagged"}}, folder
        assert c.body(3) == b"Subject: a\r\n\r\na\r\n"


def test_make_user_and_make_users(own_posthouse):
    ph = own_posthouse()
    for words in (["user", "NAME=carol", "PASS=se cret"], ["users", "N=1000"]):
        subprocess.run(["make", "-s", "-C", str(ROOT), *words], check=True, env=ph.environment,
                       stdout=subprocess.DEVNULL)
    # All at once and at once: none may be told of the accounts as they were a moment ago.
    with ThreadPoolExecutor(16) as pool:
        for c in pool.map(lambda n: ph.connect(f"user{n:04}@example.test", "pass", 1 + n % 2), range(1, 65)):
            c.logout()
    ph.connect("carol", "se cret").logout()
    ph.connect("user0001@example.test", "pass").logout()
    ph.connect("user1000@example.test", "pass", frontend=2).logout()
    ph.connect("alice", "alice-demo").logout()


def test_wrong_settings_refuse_the_start(tmp_path):
    from conftest import BUILD
    conf = tmp_path / "frontend.conf"
    rows = [
        (["--no-such-setting=1"], "", b"NO_SUCH_SETTING"),
        (["--idle-keepalive=soon"], "", b"IDLE_KEEPALIVE"),
        ([], "IMAP_LISTEN=127.0.0.1:1143\nNO_SUCH_SETTING=1\n", b"frontend.conf:2"),
        ([], "MAX_LINE=-1\n", b"frontend.conf:1"),
    ]
    for arguments, text, complaint in rows:
        conf.write_text(text)
        done = subprocess.run([str(BUILD / "bin" / "posthouse-frontend"), f"--config={conf}", *arguments],
                              capture_output=True, timeout=10, check=False, env={"PATH": os.environ["PATH"]})
        assert done.returncode != 0
        assert complaint in done.stderr, done.stderr


def test_settings_reference_is_current():
    from conftest import BUILD
    made = subprocess.run([str(ROOT / "tools" / "settings.sh"), str(BUILD)], capture_output=True, check=True)
    assert made.stdout == (ROOT / "docs" / "settings.md").read_bytes(), "run make docs"


def test_install(tmp_path):
    from conftest import BUILD
    subprocess.run([str(ROOT / "tools" / "install.sh"), str(BUILD), str(tmp_path), "/usr"], check=True,
                   cwd=ROOT, stdout=subprocess.DEVNULL)
    for service in ("frontend", "authsvc", "storesvc", "outboxsvc"):
        assert (tmp_path / "usr/sbin" / f"posthouse-{service}").exists()
        assert "LISTEN" in (tmp_path / "etc/posthouse" / f"{service}.conf.dist").read_text()
    for module in ("userdb", "pam"):
        assert (tmp_path / "usr/lib/posthouse" / f"auth-{module}.so").exists()
    for tool in ("userdb", "makeuserdb", "userdbpw"):
        assert (tmp_path / "usr/bin" / tool).exists()
    live = tmp_path / "etc/posthouse/frontend.conf"
    live.write_text("MAX_LINE=32K\n")
    subprocess.run([str(ROOT / "tools" / "install.sh"), str(BUILD), str(tmp_path), "/usr"], check=True,
                   cwd=ROOT, stdout=subprocess.DEVNULL)
    assert live.read_text() == "MAX_LINE=32K\n"
