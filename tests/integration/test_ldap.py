"""Accounts in a directory: a real slapd, a real authsvc, and mail clients where the client's view matters."""

import base64
import concurrent.futures
import hashlib
import imaplib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

import pytest

from conftest import BUILD, ROOT, Posthouse
from directory import READER, SUFFIX, Slapd, free_port, person
from imap import Imap
from test_auth_sources import TRY_AGAIN, Auth, within
from test_tools import tool

ODD_MAIL = r"o*d(d)\2a@example.test"


def ssha(password):
    salt = b"salt"
    return "{SSHA}" + base64.b64encode(hashlib.sha1(password.encode() + salt).digest() + salt).decode()


def stored(password, scheme="sha512"):
    return tool("userdbpw", "--scheme", scheme, given=f"{password}\n{password}\n").strip()


def account_entries():
    return "".join([
        person("alice", "alice@example.test", f"userPassword: {ssha('wonder land')}", "posthouseQuota: 1000S",
               "posthouseMaildir: Mail", "posthouseDisablePop3: 1", "posthouseGroup: staff", "posthouseGroup: tea"),
        person("crypt", "Crypt@example.test", f"userPassword: {{CRYPT}}{stored('wonder land')}"),
        person("two", "two@example.test", f"userPassword: {ssha('first')}", f"userPassword: {ssha('second')}"),
        person("clear", "clear@example.test", "posthouseClearPassword: it's clear"),
        person("scram", "scram@example.test", f"userPassword: {stored('stored keys', 'scram-sha-256')}"),
        person("locked", "locked@example.test", "userPassword: {CRYPT}!", "posthouseClearPassword: x"),
        person("none", "none@example.test"),
        person("odd", ODD_MAIL, f"userPassword: {ssha('wonder land')}"),
        person("scheme", "scheme@example.test", "userPassword: {ROT13}k"),
        person("twin1", "twin@example.test", f"userPassword: {ssha('x')}"),
        person("twin2", "twin@example.test", f"userPassword: {ssha('x')}"),
        person("relative", "relative@example.test", f"userPassword: {ssha('x')}", "homeDirectory: somewhere"),
        person("both", "both@example.test", f"userPassword: {ssha('in the directory')}", uid=7),
        person("several", "b.several@example.test\nmail: a.several@example.test\nmail: A@example.test",
               f"userPassword: {ssha('x')}"),
        f"dn: cn=anna,ou=addresses,{SUFFIX}\nobjectClass: inetOrgPerson\ncn: anna\nsn: corp.test\nemployeeNumber: alice\n\n",
        f"dn: cn=info,ou=addresses,{SUFFIX}\nobjectClass: inetOrgPerson\ncn: info\nsn: example.test\n"
        "employeeNumber: alice\n\n",
        f"dn: ou=many,{SUFFIX}\nobjectClass: organizationalUnit\nou: many\n\n",
        *(person(f"m{n}", f"m{n}@example.test").replace("ou=people", "ou=many") for n in range(450)),
        f"dn: cn=nobody,ou=addresses,{SUFFIX}\nobjectClass: inetOrgPerson\ncn: nobody\nsn: example.test\n\n",
    ])


@pytest.fixture(scope="module")
def slapd():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="posthouse-ldap."))
    server = Slapd(folder / "d")
    server.add(account_entries())
    yield server.start()
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def auth(slapd, tmp_path):
    running = []

    def make(modules="ldap", **settings):
        running.append(Auth(tmp_path / f"auth{len(running)}", modules, **{**slapd.settings(), **settings}))
        return running[-1]

    yield make
    for one in running:
        one.stop()


# Nobody's names, whatever the filter does with them.
INJECTIONS = [
    "*", "*@example.test", "alice*", "alice@example.test)(uid=*", "alice@example.test)(|(uid=*", "*)(mail=alice@example.test",
    "alice@example.test\\2a", "\\61lice@example.test", "alice@example.test))(", "(alice@example.test)", "!alice@example.test",
]


def test_what_an_entry_says(auth):
    a = auth(LDAP_MAILDIR="posthouseMaildir", LDAP_MAILDIRQUOTA="posthouseQuota",
             LDAP_AUXOPTIONS="posthouseDisablePop3=disablepop3, posthouseGroup=group")
    code, told = a.login("alice@example.test", "wonder land")
    assert code == 0
    assert sorted(told.pop("options").split(",")) == ["disablepop3=1", "group=staff", "group=tea"]
    assert told == {"account": "alice@example.test", "uid": "1001", "gid": "1002", "home": "/srv/alice",
                    "maildir": "/srv/alice/Mail", "store": "store1", "full name": "The alice", "quota": "1000S"}
    assert a.code("alice@example.test", "wonder land", "pop3") == 1


@pytest.mark.parametrize("binding", ["0", "1"])
def test_passwords(auth, binding):
    a = auth(LDAP_AUTHBIND=binding, LDAP_CLEARPW="posthouseClearPassword")
    stored_only = 0 if binding == "0" else 1
    rows = [
        ("alice@example.test", "wonder land", 0), ("ALICE@example.test", "wonder land", 0),
        ("alice@example.test", "wonder Land", 1), ("alice@example.test", "", 1), ("alice", "wonder land", 1),
        ("crypt@example.test", "wonder land", 0), ("crypt@example.test", "wonder Land", 1),
        ("two@example.test", "first", 0), ("two@example.test", "second", 0), ("two@example.test", "third", 1),
        ("clear@example.test", "it's clear", stored_only), ("clear@example.test", "its clear", 1),
        ("locked@example.test", "x", 1), ("locked@example.test", "!", 1), ("none@example.test", "x", 1),
        ("none@example.test", "", 1), (ODD_MAIL, "wonder land", 0), (ODD_MAIL, "x", 1),
        ("nobody@example.test", "x", 1), ("twin@example.test", "x", TRY_AGAIN),
        ("relative@example.test", "x", TRY_AGAIN), ("relative@example.test", "y", 1),
    ] + [(name, "wonder land", 1) for name in INJECTIONS]
    for name, password, expected in rows:
        assert a.code(name, password) == expected, (name, password)
    assert a.code("scheme@example.test", "x") == (TRY_AGAIN if binding == "0" else 1)
    # One spelling, whatever was typed.
    assert a.login("CRYPT@EXAMPLE.test", "wonder land")[1]["account"] == "Crypt@example.test"


def test_where_accounts_are(auth):
    narrow = auth(LDAP_FILTER="(uidNumber=7)")
    assert narrow.code("both@example.test", "in the directory") == 0
    assert narrow.code("alice@example.test", "wonder land") == 1
    bare = auth(LDAP_FILTER="uidNumber=7", LDAP_MAIL="uid", LDAP_GLOB_UID="daemon", LDAP_GLOB_GID="4711",
                LDAP_MAILROOT="/var/mail/")
    told = bare.login("both", "in the directory")[1]
    assert (told["account"], told["uid"], told["gid"], told["home"]) == ("both", "1", "4711", "/var/mail/srv/both")
    domain = auth(LDAP_DOMAIN="example.test")
    assert domain.login("alice", "wonder land")[1]["account"] == "alice@example.test"
    absent = auth(LDAP_BASEDN=f"ou=absent,{SUFFIX}")
    assert absent.code("alice@example.test", "wonder land") == TRY_AGAIN


def test_addresses_that_lead_to_accounts(auth):
    a = auth(LDAP_EMAILMAP="(&(cn=@user@)(sn=@realm@))", LDAP_EMAILMAP_BASEDN=f"ou=addresses,{SUFFIX}",
             LDAP_EMAILMAP_ATTRIBUTE="employeeNumber", LDAP_EMAILMAP_MAIL="uid")
    assert a.login("info@example.test", "wonder land")[1]["account"] == "alice@example.test"
    assert a.code("info@example.test", "wrong") == 1
    assert a.code("alice@example.test", "wonder land") == 1
    assert a.code("nobody@example.test", "wonder land") == TRY_AGAIN
    for name in ("*@example.test", "info@*", "@realm@@example.test", "info)(cn=*@example.test"):
        assert a.code(name, "wonder land") == 1, name


def test_one_person_is_one_account(auth, slapd, tmp_path):
    """The directory's name, not the one that was typed; the same of several whatever their order."""
    mapped = {"LDAP_MAIL": "uid", "LDAP_EMAILMAP": "(&(cn=@user@)(sn=@realm@))", "LDAP_EMAILMAP_ATTRIBUTE": "employeeNumber",
              "LDAP_EMAILMAP_BASEDN": f"ou=addresses,{SUFFIX}", "LDAP_EMAILMAP_MAIL": "uid"}
    for domain, account in (("", "alice"), ("elm.test", "alice@elm.test")):
        a = auth(DEFAULT_DOMAIN=domain, **mapped)
        for typed in ("alice", "ALICE", "info@example.test", "Info@EXAMPLE.test", "anna@corp.test"):
            assert a.login(typed, "wonder land")[1].get("account") == account, (domain, typed)
    a = auth()
    for typed in ("b.several@example.test", "a.several@example.test", "a@example.test"):
        assert a.login(typed, "x")[1].get("account") == "A@example.test", typed
    # A session that began by another name goes on, by the account's own.
    run = tmp_path / "run"
    run.mkdir(mode=0o700)
    posthouse = Posthouse(run, AUTH_MODULES="ldap", TICKET_LIFETIME="10s", DEFAULT_DOMAIN="elm.test", LDAP_GLOB_UID="0",
                          LDAP_GLOB_GID="0", LDAP_MAILROOT=str(run), **slapd.settings(), **mapped).start()
    try:
        client = Imap(posthouse.port())
        client.login("anna@corp.test", "wonder land")
        time.sleep(12)
        client.ok("NOOP")
        assert "is not renewed" not in posthouse.logs(1000)
    finally:
        posthouse.stop()


def test_a_wrong_password_goes_on_to_the_next_module(auth):
    a = auth("ldap userdb", LDAP_AUTHBIND="1")
    a.userdb("both@example.test", "in the file")
    assert a.login("both@example.test", "in the directory")[1]["uid"] == "7"
    assert a.login("both@example.test", "in the file")[1]["uid"] == "1000"
    assert a.code("both@example.test", "nowhere") == 1


def test_tls(auth, slapd, tmp_path):
    good = {"LDAP_URI": f"ldaps://127.0.0.1:{slapd.tls_port}"}
    other = tmp_path / "other.pem"
    subprocess.run([str(ROOT / "tools/make-cert.sh"), str(other)], check=True, capture_output=True)
    rows = [
        ({"LDAP_TLS": "1"}, 0), (good, 0), ({**good, "LDAP_AUTHBIND": "1"}, 0), ({"LDAP_TLS": "1", "LDAP_AUTHBIND": "1"}, 0),
        ({"LDAP_TLS": "1", "LDAPTLS_CACERT": str(other)}, TRY_AGAIN), ({**good, "LDAPTLS_CACERT": str(other)}, TRY_AGAIN),
        ({**good, "LDAPTLS_CACERT": "", "LDAPTLS_REQCERT": "never"}, 0),
        ({"LDAP_TLS": "1", "LDAPTLS_CACERT": str(tmp_path / "absent")}, TRY_AGAIN),
    ]
    for settings, expected in rows:
        assert auth(**settings).code("alice@example.test", "wonder land") == expected, settings


def test_a_reader_who_may_not(auth):
    rows = [{"LDAP_BINDPW": "wrong"}, {"LDAP_BINDDN": f"cn=absent,{SUFFIX}"}]
    for settings in rows:
        assert auth(**settings).code("alice@example.test", "wonder land") == TRY_AGAIN, settings
    # Without a name the directory shows nothing at all, which is no trouble.
    assert auth(LDAP_BINDDN="", LDAP_BINDPW="").code("alice@example.test", "wonder land") != 0


@pytest.mark.parametrize("binding", ["0", "1"])
def test_a_stopped_directory(slapd, auth, binding):
    """Trouble is told as trouble, bothers nobody who is kept elsewhere, and ends by itself."""
    a = auth("userdb ldap", LDAP_AUTHBIND=binding)
    a.userdb("file@example.test", "in the file")
    assert a.code("alice@example.test", "wonder land") == 0
    slapd.stop()
    try:
        assert a.code("alice@example.test", "wonder land") == TRY_AGAIN
        assert a.code("alice@example.test", "wrong") == TRY_AGAIN
        begun = time.monotonic()
        assert a.code("file@example.test", "in the file") == 0
        assert time.monotonic() - begun < 1
    finally:
        slapd.start()
    within(10, lambda: a.code("alice@example.test", "wonder land") == 0)
    assert a.code("alice@example.test", "wrong") == 1


def test_several_servers(slapd, auth):
    """One that is not there, and one that takes connections and says nothing, keep nobody from the third."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(20)
        uris = f"ldap://127.0.0.1:{free_port()} ldaps://127.0.0.1:{silent.getsockname()[1]} {slapd.settings()['LDAP_URI']}"
        a = auth(LDAP_URI=uris, LDAP_TLS="1")
        within(8, lambda: a.code("alice@example.test", "wonder land") == 0)


def test_connections_that_broke_unnoticed(slapd, auth):
    a = auth(LDAP_AUTHBIND="1")
    assert a.code("alice@example.test", "wonder land") == 0
    slapd.stop()
    slapd.start()
    assert a.code("alice@example.test", "wonder land") == 0
    log = (a.folder / "log").read_text()    # a new connection answered: no error
    assert "level=error" not in log and "a new one is tried" in log


@pytest.mark.parametrize("tls", [False, True])
def test_a_directory_that_hangs(slapd, auth, tls):
    a = auth("userdb ldap", **({"LDAP_URI": f"ldaps://127.0.0.1:{slapd.tls_port}"} if tls else {}))
    a.userdb("file@example.test", "in the file")
    if not tls:     # with an open connection; over TLS it hangs while connecting
        assert a.code("alice@example.test", "wonder land") == 0
    slapd.hang()
    try:
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            stuck = [pool.submit(a.code, "alice@example.test", "wonder land") for _ in range(20)]
            time.sleep(0.3)
            begun = time.monotonic()
            assert a.code("file@example.test", "in the file") == 0
            assert time.monotonic() - begun < 4
            assert {job.result() for job in stuck} == {TRY_AGAIN}
        # Not only the caller gives up, after its second: the wait for the directory ends, too.
        within(4, lambda: "LDAP: " in (a.folder / "log").read_text())
    finally:
        slapd.resume()
    within(10, lambda: a.code("alice@example.test", "wonder land") == 0)


def test_missing_and_malformed_settings(tmp_path):
    subprocess.run([str(ROOT / "tools/make-keys.sh"), str(tmp_path)], check=True, capture_output=True)
    whole = {"LDAP_URI": "ldap://localhost", "LDAP_BASEDN": SUFFIX}
    rows = [
        ({}, "LDAP_URI is not set"), ({**whole, "LDAP_URI": "http://localhost"}, "LDAP_URI has"), ({"LDAP_URI": "ldap://localhost"}, "LDAP_BASEDN is not set"),
        ({**whole, "LDAP_BINDDN": READER}, "LDAP_BINDPW"), ({**whole, "LDAP_TIMEOUT": "soon"}, "LDAP_TIMEOUT"),
        ({**whole, "LDAP_DEREF": "often"}, "LDAP_DEREF"), ({**whole, "LDAPTLS_REQCERT": "perhaps"}, "LDAPTLS_REQCERT"),
        ({**whole, "LDAP_GLOB_UID": "no-such-user"}, "LDAP_GLOB_UID"), ({**whole, "LDAP_MAILROOT": "mail"}, "LDAP_MAILROOT"),
        ({**whole, "LDAP_CRYPTPW": ""}, "LDAP_AUTHBIND"), ({**whole, "LDAP_AUTHBIND": "perhaps"}, "LDAP_AUTHBIND"),
        ({**whole, "LDAP_EMAILMAP": "(cn=@user@)"}, "LDAP_EMAILMAP_BASEDN"),
        ({**whole, "LDAP_AUXOPTIONS": ",".join(f"a{n}=b" for n in range(40))}, "LDAP_AUXOPTIONS"),
    ]
    for settings, complaint in rows:
        done = subprocess.run(
            [str(BUILD / "bin/posthouse-authsvc"), "--config=/dev/null"], capture_output=True, text=True, timeout=20,
            check=False, env=dict(os.environ, LISTEN=f"ipc://{tmp_path}/x", AUTH_MODULES="ldap",
                                  TICKET_KEY=str(tmp_path / "ticket.key"), **settings))
        assert done.returncode == 78, settings
        assert complaint in done.stderr


CHANGE = [("alice", "wonder land"), ("crypt", "wonder land"), ("clear", "it's clear")]


def attribute(slapd, name, which):
    done = slapd.run("ldapsearch", "-x", "-LLL", "-o", "ldif-wrap=no", "-H", slapd.settings()["LDAP_URI"], "-D", f"cn=root,{SUFFIX}",
                     "-w", "root", "-b", SUFFIX, f"(uid={name})", which)
    values = [line.split(":: ", 1)[1] for line in done.splitlines() if line.startswith(f"{which}:: ")]
    return [base64.b64decode(value).decode() for value in values]


def test_what_is_stored_is_changed(slapd):
    env = dict(slapd.settings(), AUTH_MODULES="ldap", LDAP_CLEARPW="posthouseClearPassword")
    for name, old in CHANGE:
        mail = f"{name}@example.test"
        tool("authpasswd", "-c", "/dev/null", mail, given=f"not {old}\nnew one\n", code=1, **env)
        tool("authpasswd", "-c", "/dev/null", mail, given=f"{old}\nnew one\n", **env)
        tool("authtest", "-c", "/dev/null", mail, "new one", **env)
        tool("authtest", "-c", "/dev/null", mail, old, code=1, **env)
        tool("authpasswd", "-c", "/dev/null", mail, given=f"new one\n{old}\n", **env)
    # The scheme stays what it was; the directory still lets them log in.
    assert attribute(slapd, "alice", "userPassword")[0].startswith("{SSHA}")
    assert attribute(slapd, "crypt", "userPassword")[0].startswith("{CRYPT}$6$")
    assert attribute(slapd, "clear", "userPassword") == []
    for name, old in CHANGE[:2]:
        tool("authtest", "-c", "/dev/null", f"{name}@example.test", old, **dict(env, LDAP_AUTHBIND="1"))


def test_the_owner_changes_a_password(slapd):
    env = dict(slapd.settings(), AUTH_MODULES="ldap", LDAP_AUTHBIND="1")
    before = attribute(slapd, "two", "userPassword")
    tool("authpasswd", "-c", "/dev/null", "two@example.test", given="third\nnew one\n", code=1, **env)
    assert attribute(slapd, "two", "userPassword") == before
    tool("authpasswd", "-c", "/dev/null", "two@example.test", given="second\nnew one\n", **env)
    tool("authtest", "-c", "/dev/null", "two@example.test", "new one", **env)
    tool("authtest", "-c", "/dev/null", "two@example.test", "second", code=1, **env)


def test_accounts_are_listed(slapd):
    env = dict(slapd.settings(), AUTH_MODULES="ldap", LDAP_AUXOPTIONS="posthouseGroup=group")
    listed = tool("authenumerate", "-o", "-c", "/dev/null", **env).splitlines()
    assert "both@example.test\t7\t8\t/srv/both\t" in [line.rstrip("\t") + "\t" for line in listed]
    assert not any("relative@" in line for line in listed)
    narrow = dict(env, LDAP_ENUMERATE_FILTER="(uidNumber=7)")
    assert tool("authenumerate", "-c", "/dev/null", **narrow).startswith("both@example.test\t7\t8\t/srv/both")
    # More than one page.
    many = dict(env, LDAP_BASEDN=f"ou=many,{SUFFIX}")
    listed = tool("authenumerate", "-c", "/dev/null", **many).splitlines()
    assert sorted(line.split("\t")[0] for line in listed) == sorted(f"m{n}@example.test" for n in range(450))
    tool("authenumerate", "-c", "/dev/null", code=TRY_AGAIN, **dict(env, LDAP_BASEDN=f"ou=absent,{SUFFIX}"))


def test_challenges_from_a_directory(slapd, own_posthouse):
    whole = own_posthouse(AUTH_MODULES="ldap", **dict(slapd.settings(), LDAP_CLEARPW="posthouseClearPassword", LDAP_GLOB_UID="0",
                                                      LDAP_GLOB_GID="0", PASSWORD_SCHEME="scram-sha-256"))
    capability = Imap(whole.port()).ok("CAPABILITY")[0].line
    assert b"AUTH=CRAM-MD5" in capability and b"AUTH=SCRAM-SHA-256" in capability
    for password, expected in ("stored keys", 0), ("other keys", 1):
        done = subprocess.run(["gsasl", "--imap", "--no-starttls", "-m", "SCRAM-SHA-256", "-a", "scram@example.test", "-z",
                               "scram@example.test", "-p", password, "--connect", f"127.0.0.1:{whole.port()}"],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=20)
        assert (done.returncode != 0) == expected, (done.stdout, done.stderr)
    client = imaplib.IMAP4("127.0.0.1", whole.port())
    assert client.login_cram_md5("clear@example.test", "it's clear")[0] == "OK"
    for name, password in ("clear@example.test", "its clear"), ("alice@example.test", "wonder land"), ("locked@example.test", "x"):
        with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
            imaplib.IMAP4("127.0.0.1", whole.port()).login_cram_md5(name, password)


def test_logins_through_the_whole_server(slapd, own_posthouse):
    whole = own_posthouse(AUTH_MODULES="ldap", LDAP_AUTHBIND="1", **slapd.settings(), LDAP_GLOB_UID="0", LDAP_GLOB_GID="0")
    # Homes are where this store keeps its mail.
    subprocess.run(["ldapmodify", "-x", "-H", slapd.settings()["LDAP_URI"], "-D", f"cn=root,{SUFFIX}", "-w", "root"],
                   input=f"dn: uid=alice,ou=people,{SUFFIX}\nreplace: homeDirectory\n"
                         f"homeDirectory: {whole.run_dir}/mail/alice\n", text=True, check=True, capture_output=True)
    imap = Imap(whole.port())
    assert b"[AUTHENTICATIONFAILED]" in imap.command('LOGIN alice@example.test "wrong"')[0].line
    assert b"[AUTHENTICATIONFAILED]" in imap.command('LOGIN alice@example.test ""')[0].line
    client = Imap(whole.port()).login("alice@example.test", "wonder land")
    assert b" OK" in client.command("SELECT INBOX")[0].line
    slapd.stop()
    try:
        assert b" OK" in client.command("NOOP")[0].line
    finally:
        slapd.start()
    within(10, lambda: b" OK" in Imap(whole.port()).command('LOGIN alice@example.test "wonder land"')[0].line)
