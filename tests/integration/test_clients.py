"""Real mail clients from Debian's packages against both frontends."""

import imaplib
import os
import pathlib
import shutil
import subprocess
import time

import pytest


def message(i):
    return (f"From: sender{i}@example.test\r\nTo: you@example.test\r\nSubject: message {i}\r\n"
            f"Message-ID: <{i}.{time.time_ns()}@example.test>\r\n"
            f"Date: Mon, 1 Jan 2024 00:00:0{i % 10} +0000\r\n\r\nbody of {i}\r\n").encode()


def run(argv, **settings):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180,
                          env=dict(os.environ, **settings), check=False)
    assert done.returncode == 0, f"{argv}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def picture(c, folders):
    """Folder -> sorted (body, flags): what a client should end up with."""
    seen = {}
    for folder in folders:
        c.select(folder)
        flags = c.flags()
        seen[folder] = sorted((c.body(u), sorted(f)) for u, f in flags.items())
    return seen


@pytest.fixture
def filled(posthouse, account):
    c = posthouse.connect(account)
    for folder in ("Sent", "Work", "Work/Horses", "Entw&APw-rfe"):
        c.ok(f'CREATE "{folder}"')
    for i in range(20):
        c.append("INBOX", message(i), r"(\Seen)" if i % 2 else "")
    for i in range(5):
        c.append("Work/Horses", message(100 + i), r"(\Flagged)")
    return c


def need(program):
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed (tools/deps.sh test)")


def test_imaplib(posthouse, account):
    with imaplib.IMAP4("127.0.0.1", posthouse.port()) as m:
        m.login(account, "secret")
        assert m.create("Test")[0] == "OK"
        assert m.append("Test", r"(\Seen)", imaplib.Time2Internaldate(time.time()), message(1))[0] == "OK"
        assert m.select("Test") == ("OK", [b"1"])
        assert b"body of 1" in m.fetch("1", "(RFC822)")[1][0][1]
        assert m.search(None, "SUBJECT", '"message 1"') == ("OK", [b"1"])
        assert m.store("1", "+FLAGS", r"\Deleted")[0] == "OK"
        assert m.expunge() == ("OK", [b"1"])
        assert m.status("Test", "(MESSAGES UIDNEXT)")[0] == "OK"


def test_curl(posthouse, account, tmp_path):
    need("curl")
    mail = tmp_path / "mail.eml"
    mail.write_bytes(message(1))
    who = ["--silent", "--show-error", "--insecure", "--user", f"{account}:secret"]
    url = f"imaps://127.0.0.1:{posthouse.port(tls=True)}"
    run(["curl", *who, f"{url}/INBOX", "--upload-file", str(mail)])
    assert "body of 1" in run(["curl", *who, f"{url}/INBOX;MAILINDEX=1"])
    assert "SEARCH 1" in run(["curl", *who, f"{url}/INBOX?SUBJECT%20message"])
    run(["curl", *who, "--ssl-reqd", f"imap://127.0.0.1:{posthouse.port()}/", "-X", "CREATE Made"])
    assert "Made" in run(["curl", *who, f"{url}/"])


def test_mutt(posthouse, filled, account, tmp_path):
    """Reads headers, saves a message to another folder, deletes it, marks others."""
    need("mutt")
    rc = tmp_path / "muttrc"
    rc.write_text(f"""
set imap_user="{account}" imap_pass="secret" ssl_force_tls=no ssl_starttls=no
set folder="imap://127.0.0.1:{posthouse.port()}/" spoolfile="+INBOX"
set quit=yes delete=yes confirmappend=no move=no header_cache="" imap_check_subscribed=no
set mark_old=no sort=mailbox-order wait_key=no abort_noattach=no record=""
push "<tag-pattern>~A<enter><tag-prefix><set-flag>!<untag-pattern>~A<enter><first-entry><save-message>=Sent<enter><sync-mailbox><quit>"
""")
    run(["timeout", "60", "script", "-qec", f"mutt -n -F {rc} -f imap://127.0.0.1:{posthouse.port()}/INBOX",
         "/dev/null"], TERM="xterm", HOME=str(tmp_path))
    assert filled.select("Sent")["exists"] == 1
    assert filled.select("INBOX")["exists"] == 19
    assert all(b"\\Flagged" in f for f in filled.flags().values())


MBSYNC = """
IMAPStore remote
Host 127.0.0.1
Port {port}
User {user}
Pass secret
SSLType None
AuthMechs LOGIN

MaildirStore local
Path {path}/
Inbox {path}/INBOX
SubFolders Verbatim

Channel all
Far :remote:
Near :local:
Patterns *
Create Both
Remove Both
Expunge Both
SyncState *
"""


def test_mbsync_both_ways(posthouse, filled, account, tmp_path):
    need("mbsync")
    local = tmp_path / "local"
    local.mkdir()
    rc = tmp_path / "mbsyncrc"
    rc.write_text(MBSYNC.format(port=posthouse.port(), user=account, path=local))
    sync = ["mbsync", "-c", str(rc), "all"]
    run(sync)
    inbox = local / "INBOX"

    def here(folder):
        return [p for sub in ("cur", "new") for p in (local / folder / sub).iterdir()]

    assert len(here("INBOX")) == 20 and len(here("Work/Horses")) == 5
    # Changes on both sides at once: flags, deletions, a move, new mail, a new folder.
    (inbox / "new" / f"{int(time.time())}.1_1.here").write_bytes(message(500).replace(b"\r\n", b"\n"))
    read = sorted(inbox.joinpath("cur").iterdir())
    os.rename(read[0], str(read[0]).split(":2,", maxsplit=1)[0] + ":2,FS")
    filled.select("INBOX")
    uids = filled.uids()
    filled.ok(f"UID STORE {uids[3]}:{uids[5]} +FLAGS (\\Deleted)")
    filled.ok("EXPUNGE")
    filled.ok(f"UID MOVE {uids[7]} Sent")
    filled.ok("CREATE Fresh")
    filled.append("Fresh", message(600))
    for sub in ("cur", "new", "tmp"):
        (local / "Here" / sub).mkdir(parents=True)
    (local / "Here" / "new" / f"{int(time.time())}.2_1.here").write_bytes(message(700).replace(b"\r\n", b"\n"))
    for _ in range(3):
        run(sync)
    folders = ["INBOX", "Sent", "Work/Horses", "Fresh", "Here"]
    theirs = picture(filled, folders)
    assert [len(theirs[f]) for f in folders] == [17, 1, 5, 1, 1]
    for folder in folders:
        bodies = sorted(p.read_bytes().replace(b"\r\n", b"\n") for p in here(folder))
        wanted = [b.replace(b"\r\n", b"\n") for b, _ in theirs[folder]]
        strip = lambda b: b"\n".join(l for l in b.split(b"\n") if not l.startswith(b"X-TUID"))
        assert sorted(map(strip, bodies)) == sorted(map(strip, wanted))


def test_offlineimap(posthouse, filled, account, tmp_path):
    need("offlineimap")
    rc = tmp_path / "offlineimaprc"
    rc.write_text(f"""
[general]
accounts = test
metadata = {tmp_path}/meta
ui = basic
[Account test]
localrepository = local
remoterepository = remote
[Repository local]
type = Maildir
localfolders = {tmp_path}/mail
[Repository remote]
type = IMAP
remotehost = 127.0.0.1
remoteport = {posthouse.port()}
remoteuser = {account}
remotepass = secret
ssl = no
starttls = no
auth_mechanisms = PLAIN, LOGIN
""")
    run(["offlineimap", "-c", str(rc), "-o"], HOME=str(tmp_path))
    inbox = tmp_path / "mail" / "INBOX"
    here = [p for sub in ("cur", "new") for p in (inbox / sub).iterdir()]
    assert len(here) == 20
    filled.select("INBOX")
    filled.ok("STORE 1:4 +FLAGS (\\Deleted)")
    filled.ok("EXPUNGE")
    (inbox / "new" / f"{int(time.time())}.9_1.here").write_bytes(message(800).replace(b"\r\n", b"\n"))
    run(["offlineimap", "-c", str(rc), "-o"], HOME=str(tmp_path))
    filled.ok("NOOP")
    assert len(filled.uids()) == 17
    assert len([p for sub in ("cur", "new") for p in (inbox / sub).iterdir()]) == 17


def test_interimap(posthouse, filled, account, tmp_path):
    """QRESYNC both ways between two accounts."""
    need("interimap")
    other = posthouse.user("inter-" + account)
    config = tmp_path / "config"
    config.write_text(f"""
database = {tmp_path}/state.db
[local]
type = imap
host = 127.0.0.1
port = {posthouse.port()}
username = {account}
password = secret
STARTTLS = NO
[remote]
type = imap
host = 127.0.0.1
port = {posthouse.port(2)}
username = {other}
password = secret
STARTTLS = NO
""")
    sync = ["interimap", "--config", str(config)]
    run(sync, HOME=str(tmp_path), XDG_DATA_HOME=str(tmp_path))
    theirs = posthouse.connect(other)
    folders = ["INBOX", "Sent", "Work/Horses"]
    assert picture(theirs, folders) == picture(filled, folders)
    theirs.select("INBOX")
    theirs.ok("STORE 1:3 +FLAGS (\\Answered)")
    theirs.ok("STORE 5:6 +FLAGS (\\Deleted)")
    theirs.ok("EXPUNGE")
    filled.append("Work", message(900))
    run(sync, HOME=str(tmp_path), XDG_DATA_HOME=str(tmp_path))
    run(sync, HOME=str(tmp_path), XDG_DATA_HOME=str(tmp_path))
    filled.ok("NOOP")
    folders.append("Work")
    assert picture(theirs, folders) == picture(filled, folders)


def test_mutt_in_the_maildir_beside_the_server(posthouse, filled, account, tmp_path):
    """mutt works in the files themselves while a session looks on."""
    need("mutt")
    maildir = posthouse.maildir(account)
    rc = tmp_path / "muttrc"
    rc.write_text(f"""
set folder={tmp_path} record="" mbox_type=Maildir quit=yes delete=yes move=no mark_old=no wait_key=no sort=mailbox-order
push "<tag-pattern>~A<enter><tag-prefix><set-flag>!<untag-pattern>~A<enter><first-entry><delete-message><sync-mailbox><quit>"
""")
    filled.select("INBOX")
    assert len(filled.uids()) == 20
    run(["timeout", "60", "script", "-qec", f"mutt -n -F {rc} -f {maildir}", "/dev/null"],
        TERM="xterm", HOME=str(tmp_path))
    filled.ok("NOOP")
    deadline = time.monotonic() + 10
    while len(filled.uids()) != 19 or not all(b"\\Flagged" in f for f in filled.flags().values()):
        assert time.monotonic() < deadline, filled.flags()
        filled.ok("NOOP")
        time.sleep(0.1)


def test_file_picture_is_a_maildir(posthouse, filled, account):
    """Whoever reads the directories finds plain Maildir++."""
    maildir = posthouse.maildir(account)
    assert {p.name for p in maildir.iterdir() if p.name.startswith(".")} >= {".Sent", ".Work", ".Work.Horses"}
    for folder in (maildir, maildir / ".Work.Horses"):
        assert all((folder / sub).is_dir() for sub in ("cur", "new", "tmp"))
    assert (maildir / ".Work.Horses" / "maildirfolder").exists()
    names = [p.name for p in pathlib.Path(maildir / ".Work.Horses" / "cur").iterdir()]
    assert len(names) == 5 and all(n.endswith(":2,F") and ",S=" in n and ",U=" in n for n in names)


def test_imaplib_appends_without_waiting_for_a_delayed_acknowledgement(posthouse, account):
    """Its last CRLF is a packet of its own, sent when the message before it is acknowledged."""
    c = imaplib.IMAP4("127.0.0.1", posthouse.port())
    c.login(account, "secret")
    c.select("INBOX")
    took = []
    for _ in range(20):
        begun = time.monotonic()
        assert c.append("INBOX", "", "", b"Subject: s\r\n\r\nText\r\n")[0] == "OK"
        took.append(time.monotonic() - begun)
    c.literal = b"Text"
    assert c.search("UTF-8", "TEXT")[0] == "OK"
    c.logout()
    assert min(took) < 0.030, took
