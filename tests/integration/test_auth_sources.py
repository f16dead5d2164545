"""Accounts in databases: real servers, a real authsvc, and a frontend where the client's view matters."""

import concurrent.futures
import json
import os
import subprocess
import time

import pytest

from conftest import BUILD, ROOT, free_port_base
from databases import MariaDb, Postgres, Sqlite
from imap import Imap

FIELDS = {"USER_TABLE": "passwd", "CRYPT_PWFIELD": "crypt", "CLEAR_PWFIELD": "clear", "NAME_FIELD": "name",
          "MAILDIR_FIELD": "maildir", "QUOTA_FIELD": "quota", "AUXOPTIONS_FIELD": "options"}
TRY_AGAIN = 75


def stored(password):
    return subprocess.run([str(BUILD / "bin/userdbpw")], input=f"{password}\n{password}\n", text=True,
                          capture_output=True, check=True).stdout.strip()


class Auth:
    """authsvc alone."""

    def __init__(self, folder, modules, **settings):
        folder.mkdir(exist_ok=True)
        self.folder, self.url = folder, f"ipc://{folder}/auth"
        subprocess.run([str(ROOT / "tools/make-keys.sh"), str(folder)], check=True, capture_output=True)
        self.userdb("nobody@example.test", "x")
        self.log = open(folder / "log", "ab")
        self.process = subprocess.Popen(
            [str(BUILD / "bin/posthouse-authsvc"), "--config=/dev/null"], stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=self.log, env={
                **os.environ, "LISTEN": self.url, "AUTH_MODULES": modules, "TICKET_KEY": str(folder / "ticket.key"),
                "USERDB": str(folder / "userdb"), "AUTH_FAIL_DELAY": "0", "AUTH_REFUSAL_STEP": "0", "DRAIN_SECONDS": "1",
                "SQL_TIMEOUT": "2000", "PASSWORD_SCHEME": "ssha", **settings})

    def userdb(self, name, password):
        with open(self.folder / "userdb", "a", encoding="ascii") as f:
            os.chmod(self.folder / "userdb", 0o600)
            f.write(f"{name}\tuid=1000|gid=1000|home=/home/u|systempw={{PLAIN}}{password}\n")
        subprocess.run([str(BUILD / "bin/makeuserdb"), "-f", str(self.folder / "userdb")], check=True)

    def login(self, name, password, service="imap"):
        """Exit code of authtest, and what it printed as a dict."""
        done = subprocess.run([str(BUILD / "bin/authtest"), "-t", "1", "-s", service, name, password], capture_output=True,
                              text=True, check=False, env=dict(os.environ, AUTH=self.url), timeout=40)
        return done.returncode, dict(line.split(": ", 1) for line in done.stdout.splitlines())

    def code(self, name, password, service="imap"):
        return self.login(name, password, service)[0]

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()


@pytest.fixture(scope="module", params=[Postgres, MariaDb, Sqlite], ids=lambda kind: kind.module)
def database(request, database_folder):
    db = request.param(database_folder / request.param.module)
    db.sql(f"""
        INSERT INTO passwd (id, crypt, name, uid, gid, home, maildir, quota, options) VALUES
            ('alice@example.test', '{stored("wonder land")}', 'Alice A.', 1001, 1002, '/srv/alice', 'Mail', '1000S',
             'disablepop3=1'),
            ('Mixed@example.test', '{stored("x")}', '', 1, 1, '/srv/m', '', '', ''),
            ('homeless@example.test', '{stored("x")}', '', 1, 1, '', '', '', ''),
            ('odd@example.test', '{{ROT13}}k', '', 1, 1, '/srv/o', '', '', ''),
            ('both@example.test', '{stored("in the database")}', '', 7, 7, '/srv/b', '', '', ''),
            ('locked@example.test', '*', '', 1, 1, '/srv/l', '', '', '');
        INSERT INTO passwd (id, clear, uid, gid, home) VALUES ('clear@example.test', 'it''s clear', 1, 1, '/srv/c');
    """)
    yield db
    db.stop()


@pytest.fixture
def auth(database, tmp_path):
    running = []

    def make(modules, fields=FIELDS, **settings):
        ours = {f"{database.prefix}_{name}": value for name, value in fields.items()}
        running.append(Auth(tmp_path / f"auth{len(running)}", modules, **database.settings(), **ours, **settings))
        return running[-1]

    yield make
    for one in running:
        one.stop()


def test_fields_of_a_table(database, auth):
    a = auth(database.module)
    code, told = a.login("alice@example.test", "wonder land")
    assert code == 0
    assert told == {"account": "alice@example.test", "uid": "1001", "gid": "1002", "home": "/srv/alice",
                    "maildir": "/srv/alice/Mail", "store": "store1", "full name": "Alice A.", "quota": "1000S",
                    "options": "disablepop3=1"}
    rows = [
        ("alice@example.test", "wonder Land", 1), ("alice@example.test", "", 1), ("alice", "wonder land", 1),
        ("clear@example.test", "it's clear", 0), ("clear@example.test", "its clear", 1),
        ("locked@example.test", "*", 1), ("nobody@example.test", "x", 1), ("mixed@example.test", "x", 1),
        ("x' OR '1'='1", "x", 1), ("alice@example.test' -- ", "wonder land", 1), ("\\' OR 1=1 -- ", "x", 1),
        ("homeless@example.test", "x", TRY_AGAIN), ("homeless@example.test", "y", 1),
        ("odd@example.test", "x", TRY_AGAIN),
    ]
    for name, password, expected in rows:
        assert a.code(name, password) == expected, (name, password)
    assert a.code("alice@example.test", "wonder land", "pop3") == 1


def test_forms_that_others_store(database, auth):
    """PostfixAdmin's, Hestia's, Modoboa's and Dovecot's; one that nobody knows is named in the log, without the hash."""
    forms = ["{MD5}$1$afwDi70D$TrsVSVbTx6lmCOSIKzGMa1", "{SHA256.HEX}4104d36f8da2c254349f85836793ebe029e0c957063a34c91c2e9203187b5631",
             "{SHA}2f9e53523b62abc141a2b4d6019d23cba835dbd0", "{PLAIN-MD5.B64}PLTnMmMfR+brlh80VUt83g==",
             "{SHA512-CRYPT.B64}JDYkck45a3RjVFhmRjUuN2VsOCRlOEhHNFcvRDEwM0VONGJlbUdKNXpJQmRlWHI0Sy5TaE8ublRlQjB4NnhPT0J6RFFESVpydVNacm8xUWVJM0d"
             "xempQdTJ1ZkhQRS9MbFNvTEVyZEhFLg==", "{DIGEST-MD5}c97d17a29ad5740156934d46e7930083",
             "pbkdf2_sha256$1000$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso="]
    a = auth(database.module)
    for form in forms:
        database.sql("DELETE FROM passwd WHERE id = 'alice@forms.test';"
                     f"INSERT INTO passwd (id, crypt, uid, gid, home) VALUES ('alice@forms.test', '{form}', 1, 1, '/srv/alice')")
        assert a.code("alice@forms.test", "correct horse") == 0, form
        assert a.code("alice@forms.test", "correct hors") == 1, form
    database.sql("DELETE FROM passwd WHERE id = 'alice@forms.test'")
    assert a.code("odd@example.test", "x") == TRY_AGAIN
    log = (a.folder / "log").read_text()
    assert "cannot be read: {ROT13}" in log and "{ROT13}k" not in log


def test_one_person_is_one_account(database, auth):
    """Whichever name was typed, and in which letters: the row's name is the account's, with the DEFAULT_DOMAIN."""
    database.sql("INSERT INTO passwd (id, clear, name, uid, gid, home) VALUES ('tom', 'right', 'thomas@elm.test', 1, 1, '/srv/tom')")
    query = ("SELECT id, crypt, clear, uid, gid, home, '', '', '', options FROM passwd"
             " WHERE id = '$(account)' OR (name <> '' AND name = '$(account)')")
    a = auth(database.module, {"SELECT_CLAUSE": query}, DEFAULT_DOMAIN="elm.test")
    for typed in ("tom", "tom@elm.test", "tom@ELM.test", "thomas@elm.test", "thomas@Elm.Test"):
        assert a.login(typed, "right")[1].get("account") == "tom@elm.test", typed
    assert a.code("tom@oak.test", "right") == 1
    bare = auth(database.module, {"SELECT_CLAUSE": query})
    for typed in ("tom", "thomas@elm.test"):
        assert bare.login(typed, "right")[1].get("account") == "tom", typed
    database.sql("DELETE FROM passwd WHERE id = 'tom'")


def test_no_password_is_nobodys(database, auth):
    """CONCAT('{PLAIN}', pw) over an empty column, a hash of nothing, an application password likewise."""
    table = "mailapps"
    database.sql(f"""
        CREATE TABLE IF NOT EXISTS {table} (account VARCHAR(255), name VARCHAR(64), hash VARCHAR(255), services VARCHAR(64),
            expires DATE, used DATE);
        INSERT INTO passwd (id, crypt, uid, gid, home) VALUES
            ('hollow@example.test', '{{PLAIN}}', 1, 1, '/srv/h'), ('hashed@example.test', '$1$to/4z4N8$qH8uoGwKCVaENKBhexyRr1', 1, 1, '/srv/h'),
            ('app@example.test', '{{PLAIN}}right', 1, 1, '/srv/h');
        INSERT INTO {table} (account, name, hash) VALUES ('app@example.test', 'phone', '{{CLEAR}}');
    """)
    a = auth(database.module, dict(FIELDS, APPPASSWORDS_TABLE=table))
    for name in ("hollow", "hashed", "app"):
        assert a.code(f"{name}@example.test", "") == 1, name
    assert a.code("app@example.test", "right") == 0
    database.sql(f"DROP TABLE {table}; DELETE FROM passwd WHERE home = '/srv/h'")


def test_a_query_of_ones_own(database, auth):
    query = ("SELECT id, crypt, clear, uid, gid, home, '', '', '', '', 'store9' FROM passwd"
             " WHERE id = '$(local_part)@$(domain)' AND '$(service)' = 'imap'")
    a = auth(database.module, {"SELECT_CLAUSE": query})
    code, told = a.login("alice@example.test", "wonder land")
    assert (code, told.get("store"), told.get("maildir")) == (0, "store9", "/srv/alice/Maildir")
    assert a.code("alice@example.test", "wonder land", "pop3") == 1
    assert a.code("alice@example.test' OR '1'='1", "wonder land") == 1
    narrow = auth(database.module, dict(FIELDS, WHERE_CLAUSE="uid = 1001 OR id LIKE 'x%'"))
    assert narrow.code("alice@example.test", "wonder land") == 0
    assert narrow.code("clear@example.test", "it's clear") == 1
    broken = auth(database.module, {"SELECT_CLAUSE": "SELECT no_such_column FROM passwd"})
    assert broken.code("alice@example.test", "wonder land") == TRY_AGAIN


def test_a_wrong_password_goes_on_to_the_next_module(database, auth):
    a = auth(f"{database.module} userdb")
    a.userdb("both@example.test", "in the file")
    assert a.login("both@example.test", "in the database")[1]["uid"] == "7"
    assert a.login("both@example.test", "in the file")[1]["uid"] == "1000"
    assert a.code("both@example.test", "nowhere") == 1


def within(seconds, check):
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_stopped_database(database, auth):
    """Trouble is told as trouble, bothers nobody who is kept elsewhere, and ends by itself."""
    a = auth(f"userdb {database.module}")
    a.userdb("file@example.test", "in the file")
    assert a.code("alice@example.test", "wonder land") == 0
    database.stop()
    try:
        assert a.code("alice@example.test", "wonder land") == TRY_AGAIN
        assert a.code("alice@example.test", "wrong") == TRY_AGAIN
        begun = time.monotonic()
        assert a.code("file@example.test", "in the file") == 0
        assert time.monotonic() - begun < 1
    finally:
        database.start()
    within(10, lambda: a.code("alice@example.test", "wonder land") == 0)
    assert a.code("alice@example.test", "wrong") == 1


def test_started_without_the_database(database, auth):
    database.stop()
    try:
        a = auth(database.module)
        assert a.code("alice@example.test", "wonder land") == TRY_AGAIN
    finally:
        database.start()
    within(10, lambda: a.code("alice@example.test", "wonder land") == 0)


def test_a_database_that_hangs(database, auth):
    if not hasattr(database, "hang"):
        pytest.skip("SQLite has no server that could hang")
    a = auth(f"userdb {database.module}")
    a.userdb("file@example.test", "in the file")
    assert a.code("alice@example.test", "wonder land") == 0
    database.hang()
    try:
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            stuck = [pool.submit(a.code, "alice@example.test", "wonder land") for _ in range(20)]
            time.sleep(0.3)
            begun = time.monotonic()
            assert a.code("file@example.test", "in the file") == 0
            assert time.monotonic() - begun < 4
            assert {job.result() for job in stuck} == {TRY_AGAIN}
            begun = time.monotonic()
            assert {a.code("alice@example.test", "wonder land") for _ in range(3)} == {TRY_AGAIN}
    finally:
        database.resume()
    within(10, lambda: a.code("alice@example.test", "wonder land") == 0)


def test_a_server_that_takes_no_writes_is_left(database, auth):
    """After a failover the old connection leads to a standby; a new one finds the server that writes."""
    if database.module != "pgsql":
        pytest.skip("PostgreSQL can be made read-only for new connections alone")
    database.sql("INSERT INTO stores (name, capacity) VALUES ('store1', 1);"
                 "INSERT INTO passwd (id, clear, uid, gid, home) VALUES ('ro@example.test', 'x', 1, 1, '/srv/ro');"
                 "ALTER ROLE ALL SET default_transaction_read_only = on")
    try:
        a = auth(database.module, dict(FIELDS, STORE_FIELD="store"))
        assert a.code("ro@example.test", "x") == TRY_AGAIN
        assert a.code("alice@example.test", "wrong") == 1  # others are not turned away meanwhile
    finally:
        database.sql("BEGIN READ WRITE; ALTER ROLE ALL RESET default_transaction_read_only; COMMIT")
    assert a.code("ro@example.test", "x") == 0
    database.sql("DELETE FROM passwd WHERE id = 'ro@example.test'; DELETE FROM stores WHERE name = 'store1'")


def test_first_logins_are_placed_on_the_least_loaded_store(database, auth):
    database.sql("INSERT INTO stores (name, capacity) VALUES ('a', 1), ('b', 3), ('full', 0);"
                 + "".join("INSERT INTO passwd (id, clear, uid, gid, home) VALUES"
                           f" ('p{i}@example.test', 'x', 1, 1, '/srv/p');" for i in range(8)))
    a = auth(database.module, dict(FIELDS, STORE_FIELD="store", STORES_TABLE="stores"))
    assert a.code("p0@example.test", "wrong") == 1
    assert database.sql("SELECT COUNT(*) FROM passwd WHERE store IS NOT NULL") == "0\n"
    given = [a.login(f"p{i}@example.test", "x")[1]["store"] for i in range(8)]
    assert sorted(given) == ["a"] * 2 + ["b"] * 6
    again = auth(database.module, dict(FIELDS, STORE_FIELD="store", STORES_TABLE="stores"))
    assert [again.login(f"p{i}@example.test", "x")[1]["store"] for i in range(8)] == given
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        told = {job.result()[1]["store"] for job in
                [pool.submit(x.login, "alice@example.test", "wonder land") for x in (a, again) * 4]}
    assert len(told) == 1


def test_application_passwords(database, auth):
    database.sql(f"""
        INSERT INTO passwd (id, crypt, uid, gid, home, options) VALUES
            ('apps@example.test', '{stored("my own")}', 1, 1, '/srv/a', ''),
            ('apponly@example.test', '{stored("my own")}', 1, 1, '/srv/a', 'apponly=1'),
            ('appless@example.test', '*', 1, 1, '/srv/a', '');
        INSERT INTO apppasswords (account, name, hash, services, expires) VALUES
            ('apps@example.test', 'telephone', '{stored("for the phone")}', '', NULL),
            ('apps@example.test', 'printer', '{stored("for the printer")}', 'smtp, pop3', '2037-01-01 00:00:00'),
            ('apps@example.test', 'lost', '{stored("for the lost one")}', '', '2020-01-01 00:00:00'),
            ('apps@example.test', 'odd', '{{ROT13}}x', '', NULL),
            ('apponly@example.test', 'telephone', '{stored("for the phone")}', '', NULL),
            ('appless@example.test', 'telephone', '{stored("for the phone")}', '', NULL);
    """)
    a = auth(database.module, dict(FIELDS, APPPASSWORDS_TABLE="apppasswords"))
    rows = [
        ("apps", "my own", "imap", 0), ("apps", "for the phone", "imap", 0), ("apps", "for the phone", "pop3", 0),
        ("apps", "for the printer", "pop3", 0), ("apps", "for the printer", "imap", 1),
        ("apps", "for the lost one", "imap", 1), ("apps", "telephone", "imap", 1), ("apps", "", "imap", 1),
        ("apponly", "for the phone", "imap", 0), ("apponly", "my own", "imap", 1),
        ("appless", "for the phone", "imap", 1),
    ]
    for name, password, service, expected in rows * 2:      # the second time out of authsvc's memory
        assert a.code(f"{name}@example.test", password, service) == expected, (name, password, service)
    used = "SELECT name FROM apppasswords WHERE used = CURRENT_DATE AND account = 'apps@example.test' ORDER BY name"
    assert database.sql(used).split() == ["printer", "telephone"]
    log = (a.folder / "log").read_text()
    assert "imap for apps@example.test by the application password telephone" in log
    assert "apponly@example.test must use an application password for imap" in log
    assert "phone" not in log.replace("telephone", "")

    # A table that is read-only, or not there at all.
    broken = auth(database.module, dict(FIELDS, APPPASSWORDS_TABLE="(SELECT * FROM apppasswords) AS shown"))
    assert broken.code("apps@example.test", "for the phone") == 0
    away = auth(database.module, dict(FIELDS, APPPASSWORDS_TABLE="no_such_table"))
    assert away.code("apps@example.test", "my own") == TRY_AGAIN
    strict = auth(database.module, dict(FIELDS, APPPASSWORDS_TABLE="apppasswords"), DEFAULTOPTIONS="apponly=1")
    assert strict.code("apps@example.test", "my own") == 1
    assert strict.code("apps@example.test", "for the phone") == 0


def test_weak_passwords_are_stored_anew(database, auth):
    database.sql(f"""
        INSERT INTO passwd (id, crypt, uid, gid, home) VALUES
            ('weak@example.test', '{{SHA}}L55TUjtiq8FBorTWAZ0jy6g129A=', 1, 1, '/srv/w'),
            ('busy@example.test', '{{SHA}}L55TUjtiq8FBorTWAZ0jy6g129A=', 1, 1, '/srv/b');
    """)

    def now(name):
        return database.sql(f"SELECT crypt FROM passwd WHERE id = '{name}@example.test'").strip()

    a = auth(database.module, PASSWORD_SCHEME="sha512", PASSWORD_UPGRADE="yes")
    assert a.code("weak@example.test", "wrong") == 1
    assert now("weak").startswith("{SHA}")
    assert a.code("weak@example.test", "correct horse") == 0
    better = now("weak")
    assert better.startswith("$6$")
    assert a.code("weak@example.test", "correct horse") == 0
    assert now("weak") == better
    worse = auth(database.module, PASSWORD_SCHEME="ssha", PASSWORD_UPGRADE="yes")
    assert worse.code("weak@example.test", "correct horse") == 0
    assert now("weak") == better
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert {job.result() for job in [pool.submit(a.code, "busy@example.test", "correct horse")
                                         for _ in range(8)]} == {0}
    assert now("busy").startswith("$6$")
    assert a.code("busy@example.test", "correct horse") == 0
    assert a.code("busy@example.test", "wrong") == 1


def login_line(port, name, password):
    """What comes after the tag, and the seconds it took."""
    begun = time.monotonic()
    tagged, _ = Imap(port).command(f"LOGIN {name} {password}")
    return tagged.line.split(b" ", 1)[1], time.monotonic() - begun


def test_what_a_client_is_told(database, auth, tmp_path):
    """Trouble at once, though calls to services that are away wait for a minute; and nobody else waits."""
    a = auth(f"userdb {database.module}")
    a.userdb("file@example.test", "in-the-file")
    port = free_port_base() + 143
    frontend = subprocess.Popen(
        [str(BUILD / "bin/posthouse-frontend"), "--config=/dev/null"], stdin=subprocess.DEVNULL,
        stdout=a.log, stderr=a.log, env=dict(
            os.environ, LISTEN=f"ipc://{tmp_path}/f", IMAP_LISTEN=f"127.0.0.1:{port}", IMAPS_LISTEN="", POP3_LISTEN="",
            POP3S_LISTEN="", AUTH=a.url, STORES=f"store1=ipc://{tmp_path}/s", DRAIN_SECONDS="1", STORE_WAIT="60s"))
    try:
        within(10, lambda: subprocess.run(["curl", "-s", "-m", "1", f"imap://127.0.0.1:{port}/", "-X", "NOOP"],
                                          capture_output=True, check=False).returncode != 7)
        database.stop()
        for _ in range(2):
            line, seconds = login_line(port, "alice@example.test", "wonderland")
            assert line.startswith(b"NO [UNAVAILABLE]") and seconds < 5, (line, seconds)
            line, seconds = login_line(port, "file@example.test", "in-the-file")
            assert line.startswith(b"OK ") and seconds < 2, (line, seconds)
        database.start()
        within(10, lambda: b"[AUTHENTICATIONFAILED]" in login_line(port, "alice@example.test", "wonderland")[0])
    finally:
        frontend.terminate()
        frontend.wait(20)


def test_missing_and_malformed_settings(tmp_path):
    subprocess.run([str(ROOT / "tools/make-keys.sh"), str(tmp_path)], check=True, capture_output=True)
    rows = [
        ("nosuch", {}, "auth-nosuch.so"),
        ("pgsql", {}, "PGSQL_USER_TABLE"),
        ("pgsql", {"PGSQL_USER_TABLE": "passwd"}, "PGSQL_CRYPT_PWFIELD"),
        ("pgsql", {"PGSQL_SELECT_CLAUSE": "SELECT $(password)"}, "PGSQL_SELECT_CLAUSE"),
        ("sqlite", {}, "SQLITE_DATABASE"),
    ]
    for modules, settings, complaint in rows:
        done = subprocess.run(
            [str(BUILD / "bin/posthouse-authsvc"), "--config=/dev/null"], capture_output=True, text=True, timeout=20,
            check=False, env=dict(os.environ, LISTEN=f"ipc://{tmp_path}/x", AUTH_MODULES=modules,
                                  TICKET_KEY=str(tmp_path / "ticket.key"), **settings))
        assert done.returncode == 78, modules
        assert complaint in done.stderr


def test_an_operator_adds_and_takes_away(database, auth, tmp_path):
    """posthousectl user ..., through authsvc, in the documented tables."""
    fields = dict(FIELDS, APPPASSWORDS_TABLE="apppasswords")
    a = auth(database.module, fields, ADMIN_PUBLIC_KEYS=str(tmp_path / "auth0" / "admin.pub"))
    name = "o'hara@example.test"

    def ctl(*words, stdin=None, code=0):
        done = subprocess.run(
            [str(BUILD / "bin/posthousectl"), f"--auth={a.url}", f"--admin-key={a.folder}/admin.key", "--json", "user",
             *words], input=stdin, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout)

    added = ctl("add", "--uid=1003", "--gid=1004", "--home=/srv/o", "--maildir=Post", "--quota=5000S",
                "--options=disablepop3=1", "--full-name=O. Hara", name, stdin="it's secret\n")["user"]
    assert added == {"account": name, "module": database.module, "store": "store1", "home": "/srv/o",
                     "maildir": "/srv/o/Post", "uid": 1003, "gid": 1004, "quota": "5000S",
                     "options": "disablepop3=1", "full_name": "O. Hara"}
    assert a.login(name, "it's secret")[1]["full name"] == "O. Hara"
    assert a.code(name, "it's secret", "pop3") == 1
    assert added in ctl("list")["users"]
    ctl("add", "--home=/srv/o", name, stdin="x\n", code=73)
    ctl("passwd", name, stdin="another\n")
    assert (a.code(name, "it's secret"), a.code(name, "another")) == (1, 0)
    database.sql(f"""INSERT INTO apppasswords (account, name, hash) VALUES
        ('o''hara@example.test', 'phone', '{stored("telephone")}');""")
    assert a.code(name, "telephone") == 0
    ctl("del", name)
    assert (a.code(name, "another"), a.code(name, "telephone")) == (1, 1)
    ctl("del", name, code=67)
    # Somebody else of that name does not inherit passwords.
    ctl("add", "--home=/srv/o", name, stdin="third\n")
    assert (a.code(name, "telephone"), a.code(name, "third")) == (1, 0)
    ctl("del", name)
    # With a query of one's own there is nothing to write to.
    query = "SELECT id, crypt, clear, uid, gid, home, '', '', '', '', '' FROM passwd WHERE id = '$(account)'"
    a = auth(database.module, {"SELECT_CLAUSE": query}, ADMIN_PUBLIC_KEYS=str(tmp_path / "auth1" / "admin.pub"))
    ctl("add", "--home=/srv/o", name, stdin="x\n", code=65)
    ctl("del", "alice@example.test", code=65)
