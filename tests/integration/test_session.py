"""TLS, STARTTLS, and who may send a password in the clear."""

import re
import ssl
import subprocess

import pytest

from imap import Imap


def test_tls_on_connect(posthouse, account):
    c = posthouse.connect(account, tls=True)
    assert c.socket.version() in ("TLSv1.2", "TLSv1.3")
    assert c.select("INBOX")["exists"] == 0
    c.logout()


def test_starttls(posthouse, account):
    c = Imap(posthouse.port())
    assert any(b"STARTTLS" in r.line for r in c.ok("CAPABILITY"))
    c.starttls()
    assert not any(b"STARTTLS" in r.line for r in c.ok("CAPABILITY"))
    c.login(account, "secret")
    c.logout()


def test_starttls_discards_what_was_smuggled_in(posthouse):
    c = Imap(posthouse.port())
    c.send(b"a STARTTLS\r\nb NOOP\r\n")
    answer = c.read()
    if answer.status == b"OK":
        c.wrap()
        c.file = c.socket.makefile("rb")
        tagged, untagged = c.command("CAPABILITY")
        assert tagged.tag == b"t1" and all(r.tag == b"*" for r in untagged)
    else:
        assert answer.status in (b"BAD", b"NO")


def test_old_tls_is_refused(posthouse):
    out = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{posthouse.port(tls=True)}", "-tls1_1",
         "-cipher", "ALL@SECLEVEL=0"], input=b"", capture_output=True, check=False, timeout=20)
    assert b"BEGIN CERTIFICATE" not in out.stdout


def test_certificate_is_the_configured_one(posthouse):
    served = ssl.get_server_certificate(("127.0.0.1", posthouse.port(tls=True)))
    assert served.strip() in (posthouse.run_dir / "keys" / "posthouse.pem").read_text()


def test_accounts_are_apart(posthouse, account):
    other = posthouse.user("other-" + account)
    posthouse.connect(account).append("INBOX", b"Subject: mine\r\n\r\nx\r\n")
    assert posthouse.connect(other).select("INBOX")["exists"] == 0


@pytest.mark.parametrize("name", [
    "../other/Maildir", "..", ".", "a/../b", "/etc", "a//b", "INBOX/../x", "a/./b", "x/..", "~root",
    "&AC8-etc", "a&AAA-b", "&AC4ALg-", "a\x7fb", "a/", "/a", "*", "a%b",
])
def test_names_stay_in_the_account(posthouse, account, name):
    """Whatever a name looks like: it is refused, or it is a folder of this account."""
    before = {p for p in posthouse.run_dir.glob("mail/*") if p.name != account}
    outside = {p for p in posthouse.run_dir.glob("*")}
    c = posthouse.connect(account)
    tagged, _ = c.command(f'CREATE "{name}"')
    if tagged.status == b"OK":
        c.append(name.rstrip("/"), b"Subject: x\r\n\r\nx\r\n")
    assert {p for p in posthouse.run_dir.glob("mail/*") if p.name != account} == before
    assert {p for p in posthouse.run_dir.glob("*")} == outside
    root = posthouse.maildir(account)
    for p in posthouse.run_dir.joinpath("mail", account).rglob("*"):
        assert p == root or root in p.parents
        if p.is_dir() and p.parent == root and p.name not in ("cur", "new", "tmp"):
            assert re.match(r"\.[^.]", p.name)


def test_new_account_can_log_in_at_once(posthouse):
    name = posthouse.user("late@example.test", "pässword \"quoted\"")
    c = Imap(posthouse.port())
    password = "pässword \"quoted\"".encode()
    tagged, _ = c.command(b"LOGIN " + name.encode() + b" {%d+}\r\n" % len(password) + password)
    assert tagged.status == b"OK"
