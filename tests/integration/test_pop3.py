"""POP3: what clients get is what was stored, octet for octet; nothing is removed but by QUIT; and
nobody who comes from Courier or Dovecot downloads anything twice."""

import os
import poplib
import re
import signal
import ssl
import subprocess
import threading

import pytest

from test_clients import need, run
from test_corpus import corpus_messages, wire

poplib._MAXLINE = 1 << 20       # the corpus has long lines


def unverified():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def pop3(posthouse, user, frontend=1, tls=False, password="secret"):
    port = posthouse.pop3_port(frontend, tls)
    c = poplib.POP3_SSL("127.0.0.1", port, context=unverified()) if tls else poplib.POP3("127.0.0.1", port)
    c.user(user)
    c.pass_(password)
    return c


def messages(count):
    return [b"From: a@example.test\r\nTo: b@example.test\r\nSubject: %d\r\nMessage-ID: <%d@example.test>\r\n"
            b"Date: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\nbody %d\r\n.\r\n..dots\r\n" % (i, i, i) for i in range(count)]


@pytest.fixture
def filled(posthouse, account):
    c = posthouse.connect(account)
    for m in messages(5):
        c.append("INBOX", m)
    c.logout()
    return account


def retrieve(c, number):
    """The message as bytes, its lines ending as they came."""
    c._putcmd(f"RETR {number}")
    size = int(c._getresp().split()[1])
    lines = []
    while (line := c.file.readline()) != b".\r\n":
        assert line.endswith(b"\n")
        lines.append(line[1:] if line.startswith(b".") else line)
    return size, b"".join(lines)


def crlf_lines(message):
    return re.sub(rb"(?<!\r)\n", b"\r\n", message)


def test_lines_end_with_crlf_whatever_was_stored(posthouse, account):
    forms = [b"Subject: a\n\n.dot\n..\nlast", b"Subject: b\r\n\n.\nx\r\n\r.\r\r\n.\n", b"\n", b"x" * 70000 + b"\n.\n",
             b"Subject: c\r\n\r\nfine\r\n"]
    imap = posthouse.connect(account)
    for form in forms:
        imap.append("INBOX", form)
    c = pop3(posthouse, account)
    wanted = [crlf_lines(form) for form in forms]
    assert c.stat() == (len(forms), sum(map(len, wanted)))
    listed = [int(line.split()[1]) for line in c.list()[1]]
    assert listed == [len(form) for form in wanted]
    for number, form in enumerate(wanted, 1):
        size, text = retrieve(c, number)
        assert (size, text) == (len(form), form if form.endswith(b"\r\n") else form + b"\r\n")
    c._putcmd("TOP 1 2")
    assert c._getresp().startswith(b"+OK")
    lines = [c.file.readline() for _ in range(5)]
    assert lines == [b"Subject: a\r\n", b"\r\n", b"..dot\r\n", b"...\r\n", b".\r\n"]


def test_corpus_octet_for_octet(posthouse, account, corpus):
    imap, sent = posthouse.connect(account), []
    for path, message in corpus_messages(corpus):
        for form in {wire(message), message.replace(b"\0", b"?")}:
            if form:
                imap.append("INBOX", form)
                sent.append((path, form))
    c = pop3(posthouse, account, frontend=2)
    assert c.stat() == (len(sent), sum(len(crlf_lines(form)) for _, form in sent))
    listed = [int(line.split()[1]) for line in c.list()[1]]
    wrong = []
    for number, (path, form) in enumerate(sent, 1):
        size, text = retrieve(c, number)
        crlf = crlf_lines(form)
        whole = crlf if crlf.endswith(b"\r\n") else crlf + b"\r\n"
        if text != whole or size != len(crlf) or listed[number - 1] != len(crlf):
            wrong.append(path)
    assert wrong == []


def test_top_and_seen(posthouse, filled):
    c = pop3(posthouse, filled)
    assert c.top(1, 0)[1][-2:] == [b"Date: Mon, 1 Jan 2024 00:00:00 +0000", b""]
    assert c.top(2, 1)[1][-1] == b"body 1"
    c.retr(3)
    c.quit()
    imap = posthouse.connect(filled)
    imap.select("INBOX")
    assert [uid for uid, flags in imap.flags().items() if b"\\Seen" in flags] == [3]


def test_delete_takes_effect_with_quit(posthouse, filled):
    c = pop3(posthouse, filled)
    names = c.uidl()[1]
    c.dele(2)
    c.dele(4)
    assert c.list()[1] == [b"1 %d" % len(messages(1)[0]), b"3 %d" % len(messages(1)[0]), b"5 %d" % len(messages(1)[0])]
    assert c.uidl()[1] == [names[0], names[2], names[4]]
    with pytest.raises(poplib.error_proto):
        c.retr(2)
    c.close()                                           # no QUIT: as if nothing was said
    c = pop3(posthouse, filled, frontend=2)
    assert c.uidl()[1] == names
    c.dele(1)
    c.rset()
    c.dele(5)
    late = posthouse.connect(filled).append("INBOX", messages(6)[5])
    assert late == 6 and c.stat()[0] == 4               # the list is fixed
    c.quit()
    c = pop3(posthouse, filled)
    kept = [line.split()[1] for line in c.uidl()[1]]
    assert kept[:4] == [n.split()[1] for n in names[:4]] and len(kept) == 5


def test_two_sessions_at_once(posthouse, filled):
    one, two = pop3(posthouse, filled), pop3(posthouse, filled, frontend=2)
    one.dele(1)
    one.quit()
    with pytest.raises(poplib.error_proto, match="gone"):
        two.retr(1)
    assert b"".join(two.retr(2)[1]).count(b"body 1") == 1
    two.dele(1)
    two.dele(2)
    two.quit()
    assert pop3(posthouse, filled).stat()[0] == 3


def test_tls_and_plaintext_rules(posthouse, filled):
    assert pop3(posthouse, filled, tls=True).stat()[0] == 5
    c = poplib.POP3("127.0.0.1", posthouse.pop3_port())
    assert {"TOP", "UIDL", "STLS", "SASL", "PIPELINING", "RESP-CODES", "EXPIRE"} <= set(c.capa())
    c.user(filled)
    c.stls(unverified())
    assert "STLS" not in c.capa()
    with pytest.raises(poplib.error_proto, match="USER comes first"):
        c.pass_("secret")
    c.user(filled)
    with pytest.raises(poplib.error_proto, match=r"\[AUTH\]"):
        c.pass_("wrong")


def test_killed_store(own_posthouse):
    """A store that dies between DELE and QUIT, and under RETR, costs time and nothing else."""
    ph = own_posthouse()
    imap = ph.connect("alice", "alice-demo")
    big = b"Subject: big\r\n\r\n" + b".0123456789abcdef0123456789abcdef\r\n" * 400000
    for m in messages(4) + [big]:
        imap.append("INBOX", m)
    c = pop3(ph, "alice", password="alice-demo")
    c.dele(1)
    c.dele(3)
    killer = threading.Timer(0.05, ph.kill, ["storesvc"])
    killer.start()
    assert retrieve(c, 5) == (len(big), big)
    killer.join()
    os.kill(ph.pids()["storesvc"], signal.SIGKILL)
    c.quit()
    c = pop3(ph, "alice", password="alice-demo", frontend=2)
    assert c.stat()[0] == 3 and [s.split()[1] for s in c.top(1, 0)[1] if s.startswith(b"Subject")] == [b"1"]


# --- UIDL of others -----------------------------------------------------------------------


def homes(posthouse, account, files):
    """A Maildir with these messages, as another server left it."""
    base = posthouse.maildir(account)
    for sub in ("cur", "new", "tmp"):
        (base / sub).mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in files:
        (base / name).write_bytes(b"Subject: x\n\nx\n")
    return base


def uidls(c):
    return [line.split()[1].decode() for line in c.uidl()[1]]


def test_couriers_names_are_kept(posthouse, account):
    files = ["cur/100.a.host,S=14:2,S", "cur/101.b.host,S=14,W=17:2,", "cur/102.c+d.host:2,", "cur/103.d.host:2,",
             "new/104.e.host"]
    base = homes(posthouse, account, files)
    (base / "courierpop3dsizelist").write_text(
        "/3 9 1600000000\n100.a.host,S=14:2, 17 3:1600000000:0\n101.b.host,S=14,W=17:2,S 17 8:0:1\n"
        "102.c+d.host:2, 17 0:0:0\n105.gone.host:2, 17 4:1600000000:0\n")
    want = ["UID3-1600000000", "UID8", "102.c+2Bd.host"]
    c = pop3(posthouse, account)
    first = uidls(c)
    assert first[:3] == want and len(set(first)) == 5
    assert re.fullmatch("[0-9a-f]{16}", first[3]) and re.fullmatch("[0-9a-f]{16}", first[4])
    c.retr(2)
    c.dele(1)
    c.quit()
    for index in base.glob("posthouse-*"):
        if "mailbox" not in index.name:
            index.unlink()
    assert uidls(pop3(posthouse, account, frontend=2)) == first[1:]


def test_couriers_older_list(posthouse, account):
    base = homes(posthouse, account, ["cur/100.a.host:2,S", "cur/101.b.host:2,"])
    (base / "courierimapuiddb").write_text("1 1234567 9\n3 100.a.host\n8 101.b.host\n")
    (base / "courierpop3dsizelist").write_text("/2 3 77\n100.a.host:2,S 17 1:77\n101.b.host:2, 17 2:77\n")
    assert uidls(pop3(posthouse, account)) == ["UID1-77", "UID2-77"]


def test_dovecots_names_are_kept(posthouse, account):
    base = homes(posthouse, account, ["cur/100.a.host:2,S", "cur/101.b.host,S=14:2,", "cur/102.c.host:2,"])
    (base / "dovecot-uidlist").write_text(
        "3 V1600000000 N10 G0123456789abcdef0123456789abcdef\n3 :100.a.host\n8 W17 PUID7-5 :101.b.host,S=14\n")
    (base / "courierpop3dsizelist").write_text("/3 9 5\n100.a.host:2, 17 6:5:0\n101.b.host,S=14:2, 17 7:5:0\n")
    assert uidls(pop3(posthouse, account)) == ["000000035f5e1000", "UID7-5", "0000000a5f5e1000"]


# --- real clients ---------------------------------------------------------------------------


def test_curl(posthouse, filled):
    out = run(["curl", "-s", "-k", "--user", f"{filled}:secret", f"pop3s://127.0.0.1:{posthouse.pop3_port(tls=True)}/2"])
    assert out.replace("\r\n", "\n") == messages(2)[1].decode().replace("\r\n", "\n")
    out = run(["curl", "-s", "-k", "--ssl-reqd", "--login-options", "AUTH=LOGIN", "--user", f"{filled}:secret",
               f"pop3://127.0.0.1:{posthouse.pop3_port()}/"])
    assert out.splitlines() == [f"{i} {len(messages(1)[0])}" for i in range(1, 6)]


def bodies(maildir):
    return sorted(p.read_bytes().count(b"body ") and re.search(rb"body (\d+)", p.read_bytes()).group(1)
                  for p in maildir.glob("new/*"))


@pytest.fixture
def local(tmp_path):
    for sub in ("cur", "new", "tmp"):
        (tmp_path / "mail" / sub).mkdir(parents=True)
    return tmp_path


ALL = [b"%d" % i for i in range(5)]


def test_getmail(posthouse, filled, local):
    need("getmail")
    (local / "getmailrc").write_text(
        f"[retriever]\ntype = SimplePOP3Retriever\nserver = 127.0.0.1\nport = {posthouse.pop3_port()}\n"
        f"username = {filled}\npassword = secret\n[destination]\ntype = MDA_external\npath = /bin/sh\n"
        f"arguments = ('-c', 'cat >{local}/mail/new/$$')\nallow_root_commands = true\nunixfrom = false\n"
        "[options]\nread_all = false\ndelete = false\n")
    for _ in range(2):          # the second finds nothing new
        run(["getmail", "--getmaildir", str(local)])
        assert bodies(local / "mail") == ALL
    (local / "getmailrc").write_text((local / "getmailrc").read_text().replace("delete = false", "delete = true"))
    run(["getmail", "--getmaildir", str(local)])
    assert pop3(posthouse, filled).stat()[0] == 0


def test_mpop(posthouse, filled, local):
    need("mpop")
    config = local / "mpoprc"
    config.write_text(
        f"account x\nhost 127.0.0.1\nport {posthouse.pop3_port(tls=True)}\ntls on\ntls_starttls off\n"
        f"tls_certcheck off\nuser {filled}\npassword secret\nkeep on\n"
        f"delivery maildir {local}/mail\nuidls_file {local}/uidls\n")
    config.chmod(0o600)
    for _ in range(2):
        run(["mpop", "-C", str(config), "x"])
        assert bodies(local / "mail") == ALL


def test_fetchmail(posthouse, filled, local):
    need("fetchmail")
    config = local / "fetchmailrc"
    config.write_text(
        f"poll 127.0.0.1 protocol pop3 port {posthouse.pop3_port()} uidl:\n user \"{filled}\" password \"secret\"\n"
        f" keep sslproto '' mda \"cat >{local}/mail/new/$$\"\n")
    config.chmod(0o600)
    argv = ["fetchmail", "-f", str(config), "-i", str(local / "ids"), "--pidfile", str(local / "pid"), "--nosyslog"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False,
                          env=dict(os.environ, HOME=str(local), FETCHMAILHOME=str(local)))
    assert done.returncode == 0, done.stdout + done.stderr
    assert bodies(local / "mail") == ALL
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False,
                          env=dict(os.environ, HOME=str(local), FETCHMAILHOME=str(local)))
    assert done.returncode == 1, done.stdout + done.stderr     # 1: no new mail
    assert bodies(local / "mail") == ALL


def test_a_store_that_is_set_up_wrong_is_no_wrong_password(posthouse):
    user = posthouse.user("set-up-wrong@example.test")
    maildir = posthouse.maildir(user)
    maildir.parent.mkdir(parents=True, exist_ok=True)
    maildir.write_text("no directory")
    with pytest.raises(poplib.error_proto) as refused:
        pop3(posthouse, user)
    assert refused.value.args[0].startswith((b"-ERR [SYS/PERM]", b"-ERR [SYS/TEMP]"))
