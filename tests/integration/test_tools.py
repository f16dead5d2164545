"""The tools of operators who come from Courier, each run as they would run it."""

import os
import subprocess

import pytest

from conftest import BUILD
from databases import MariaDb, Postgres, Sqlite

TRY_AGAIN = 75


def tool(name, *argv, given="", code=0, **environment):
    """Run it; what it printed."""
    done = subprocess.run([str(BUILD / "bin" / name), *map(str, argv)], input=given, capture_output=True, text=True,
                          check=False, timeout=60, env=dict(os.environ, **environment))
    assert done.returncode == code, (name, argv, done.stdout, done.stderr)
    return done.stdout


def userdb(folder, *lines):
    source = folder / "userdb"
    source.touch(mode=0o600)
    source.write_text("".join(line + "\n" for line in lines))
    tool("makeuserdb", "-f", source)
    return source


ALICE = "alice@example.test\tuid=1001|gid=1002|home=/srv/alice|mail=Mail|options=group=a|systempw={PLAIN}old"
BOB = "bob@example.test\tuid=1|gid=2|home=/srv/bob|options=disableshared=1|systempw={PLAIN}bob"


@pytest.fixture
def settings(tmp_path):
    """authsvc.conf with a userdb of two."""
    source = userdb(tmp_path, ALICE, BOB)
    conf = tmp_path / "authsvc.conf"
    conf.write_text(f"AUTH_MODULES=userdb\nUSERDB={source}\nDEFAULT_DOMAIN=example.test\nLISTEN=ipc:///nowhere\n")
    return conf


def test_authenumerate(settings):
    alice, bob = "alice@example.test\t1001\t1002\t/srv/alice\tMail", "bob@example.test\t1\t2\t/srv/bob\t"
    assert tool("authenumerate", "-c", settings) == f"{alice}\n{bob}\n"
    assert tool("authenumerate", "-o", "-c", settings) == f"{alice}\tgroup=a\n{bob}\tdisableshared=1\n"
    assert tool("authenumerate", "-s", "-c", settings) == f"{alice}\n"
    assert tool("authenumerate", "-so", "-c", settings, DEFAULTOPTIONS="disableshared=1") == ""
    tool("authenumerate", "-c", settings, code=TRY_AGAIN, USERDB="/nowhere")
    tool("authenumerate", "-c", settings, code=78, AUTH_MODULES="nosuch")
    tool("authenumerate", "-c", "/nowhere", code=78)
    tool("authenumerate", "x", code=64)


def test_authpasswd(settings):
    tool("authpasswd", "-c", settings, "alice", given="wrong\nnew\n", code=1)
    tool("authpasswd", "-c", settings, "alice", given="old\n", code=1)
    tool("authpasswd", "-c", settings, "alice", given="old\nnew one\n")
    tool("authtest", "-c", settings, "alice", "old", code=1)
    tool("authtest", "-c", settings, "alice", "-", given="new one\n")
    tool("authpasswd", "-c", settings, "nobody", given="x\ny\n", code=1)
    tool("authpasswd", "-c", settings, "alice", given="x\ny\n", code=TRY_AGAIN, USERDB="/nowhere")
    tool("authpasswd", code=64)


def test_authtest_asks_the_modules(settings):
    told = tool("authtest", "-c", settings, "alice")
    assert told.startswith("account: alice@example.test\nuid: 1001\ngid: 1002\nhome: /srv/alice\nmaildir: Mail\n")
    assert tool("authtest", "-c", settings, "-m", "userdb", "alice", "old") == told
    tool("authtest", "-c", settings, "-m", "passwd", "alice", "old", code=1)
    tool("authtest", "-c", settings, "-m", "nosuch", "alice", "old", code=78)
    assert tool("authtest", "-c", settings, "alice", "old", "fresh") == ""
    tool("authtest", "-c", settings, "-s", "pop3", "alice", "fresh")
    tool("authtest", "-c", settings, "nobody", code=1)
    tool("authtest", code=64)
    tool("authtest", "-n", "0", "alice", "x", code=64)


def test_authinfo(settings):
    told = dict(line.split(": ", 1) for line in tool("authinfo", "-c", settings).splitlines())
    assert "userdb" in told["modules there are"].split()
    assert told["modules asked, in order"] == "userdb"
    assert told["default domain"] == "example.test"
    assert "sha512" in told["password schemes"].split()
    assert "nosuch (missing)" in tool("authinfo", "-c", settings, code=1, AUTH_MODULES="userdb nosuch")


@pytest.fixture(scope="module", params=[Postgres, MariaDb, Sqlite], ids=lambda kind: kind.module)
def database(request, database_folder):
    db = request.param(database_folder / request.param.module)
    db.sql("INSERT INTO passwd (id, crypt, clear, uid, gid, home, maildir, options) VALUES"
           " ('alice@example.test', '{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=', '', 5, 6, '/srv/alice', 'Mail', 'group=a'),"
           " ('bob@example.test', '', 'bob''s', 1, 1, '/srv/bob', '', ''),"
           " ('both@example.test', '{PLAIN}both', 'both', 1, 1, '/srv/both', '', ''),"
           " ('homeless@example.test', '', 'x', 1, 1, '', '', '');")
    yield db
    db.stop()


def test_databases_list_and_change(database):
    def named(**fields):
        return {f"{database.prefix}_{name}": value for name, value in fields.items()}

    base = dict(database.settings(), AUTH_MODULES=database.module, SQL_TIMEOUT="5000")
    fields = named(USER_TABLE="passwd", CRYPT_PWFIELD="crypt", CLEAR_PWFIELD="clear", MAILDIR_FIELD="maildir",
                   AUXOPTIONS_FIELD="options", WHERE_CLAUSE="id <> 'gone'")
    env = dict(base, **fields)

    def sql(name):
        return database.sql(f"SELECT crypt, clear FROM passwd WHERE id = '{name}@example.test'").strip()

    tool("authpasswd", "-c", "/dev/null", "alice@example.test", given="posthouse?\nx\n", code=1, **env)
    listed = tool("authenumerate", "-o", "-c", "/dev/null", **env).splitlines()
    assert sorted(listed) == ["alice@example.test\t5\t6\t/srv/alice\tMail\tgroup=a",
                              "bob@example.test\t1\t1\t/srv/bob\t\t", "both@example.test\t1\t1\t/srv/both\t\t"]
    for name, old in ("bob", "bob's"), ("both", "both"):
        tool("authpasswd", "-c", "/dev/null", f"{name}@example.test", given=f"{old}\nit's \\new\n", **env)
        tool("authtest", "-c", "/dev/null", f"{name}@example.test", "it's \\new", **env)
    assert sql("bob") == "|it's \\new" or sql("bob") == "|it's \\\\new"
    assert sql("both").startswith("{PLAIN}it's ")

    query = named(SELECT_CLAUSE="SELECT id, crypt, clear, uid, gid, home FROM passwd WHERE id = '$(account)'")
    assert tool("authenumerate", "-c", "/dev/null", **base, **query) == ""
    tool("authpasswd", "-c", "/dev/null", "bob@example.test", given="it's \\new\nx\n", code=1, **base, **query)
    own = named(ENUMERATE_CLAUSE="SELECT id, uid, gid, home, '', 'x=1' FROM passwd WHERE uid = 5",
                CHPASS_CLAUSE="UPDATE passwd SET clear = '$(newpass)', name = '$(newpass_crypt)'"
                              " WHERE id = '$(local_part)@$(domain)'")
    assert tool("authenumerate", "-o", "-c", "/dev/null", **base, **query, **own) == (
        "alice@example.test\t5\t6\t/srv/alice\t\tx=1\n")
    tool("authpasswd", "-c", "/dev/null", "bob@example.test", given="it's \\new\nx'); --\n", **base, **query, **own)
    assert sql("bob") == "|x'); --"
    assert database.sql("SELECT name FROM passwd WHERE id = 'bob@example.test'").startswith("$6$")
    if database.module == "mysql":
        tool("authtest", "-c", "/dev/null", "bob@example.test", code=TRY_AGAIN, MYSQL_OPT="many", **env)
        tool("authtest", "-c", "/dev/null", "bob@example.test", MYSQL_OPT="65536", **env)
    database.stop()
    try:
        tool("authenumerate", "-c", "/dev/null", code=TRY_AGAIN, **env)
    finally:
        database.start()
