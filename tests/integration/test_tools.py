"""The tools of operators who come from Courier, each run as they would run it."""

import os
import subprocess

import pytest

from conftest import BUILD, ROOT
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


def modes(folder, *names):
    return " ".join(oct((folder / name).stat().st_mode & 0o7777)[2:] for name in names)


def test_maildirmake(tmp_path):
    box, umask = tmp_path / "Maildir", os.umask(0o077)
    try:
        tool("maildirmake", f"{box}/")
        tool("maildirmake", box, code=1)
        assert modes(box, ".", "cur", "new", "tmp") == "700 700 700 700"
        tool("maildirmake", "-f", "Drafts.Urgent", box)
        tool("maildirmake", "-F", "Größe & mehr", box, LC_ALL="C.UTF-8")
        assert (box / ".Größe &- mehr/maildirfolder").stat().st_size == 0
        for bad in ("", "..", ".x", "a..b", "a/b", "x" * 251):
            tool("maildirmake", "-f", bad, box, code=1)
        tool("maildirmake", "-f", "x", tmp_path / "nowhere", code=1)

        (box / "cur/1.a,S=100:2,S").write_text("x" * 9)
        (box / "cur/2.a,S=100:2,ST").write_text("x" * 9)
        (box / ".Drafts.Urgent/new/3.a").write_text("x" * 50)
        tool("maildirmake", "-f", "Trash", box)
        (box / ".Trash/cur/4.a:2,").write_text("x" * 50)
        tool("maildirmake", "-q", "1000S,5C", box)
        assert (box / "maildirsize").read_text().split() == ["1000S,5C", "150", "2"]
        tool("maildirmake", "-q", "5S", tmp_path / "other")
        tool("maildirmake", "-q", "5X", box, code=1)

        shared = tmp_path / "shared"
        tool("maildirmake", "-S", shared)
        for mode, name in ("read", "R"), ("write", "W"), ("write,group", "WG"), ("group,read", "RG"):
            tool("maildirmake", "-s", mode, "-f", name, shared)
        assert modes(shared, ".", "cur", ".R", ".R/cur", ".W", ".W/new") == "755 700 755 755 1755 1777"
        assert modes(shared, ".WG", ".WG/cur", ".RG", ".RG/tmp") == "1750 1770 750 750"
        tool("maildirmake", "-s", "everything", "-f", "X", shared, code=1)
        tool("maildirmake", "-s", "read", shared, code=64)

        tool("maildirmake", "--add", f"staff={shared}", box)
        tool("maildirmake", "--add", f"all={box}", box)
        tool("maildirmake", "--add", f"staff={shared}", box)
        assert (box / "shared-maildirs").read_text() == f"all\t{box}\nstaff\t{shared}\n"
        tool("maildirmake", "--add", "x=/nowhere", box, code=1)
        tool("maildirmake", "--add", f"a b={shared}", box, code=1)
        (box / "shared-folders/staff/W/cur").mkdir(parents=True)
        (box / "shared-folders/staff/W/shared").symlink_to(shared / ".W")
        tool("maildirmake", "--del", "staff", box)
        assert (box / "shared-maildirs").read_text() == f"all\t{box}\n"
        assert list((box / "shared-folders").iterdir()) == [] and (shared / ".W").exists()
        tool("maildirmake", "--del", "staff", box, code=1)

        (box / ".R&AOk-sum&AOk-/cur").mkdir(parents=True)
        told = "Rename INBOX.R&AOk-sum&AOk- to INBOX.Résumé\n"
        assert tool("maildirmake", "--checkutf8", box) == told == tool("maildirmake", "--convutf8", box, "/dev/null")
        assert (box / ".Résumé/cur").is_dir() and tool("maildirmake", "--convutf8", box) == ""
        tool("maildirmake", "--convutf8", code=64)
    finally:
        os.umask(umask)


def test_what_maildirmake_makes_is_served(posthouse):
    name = posthouse.user("maildirmakes", "secret")
    box = posthouse.maildir(name)
    if not box.exists():
        tool("maildirmake", box)
    tool("maildirmake", "-f", "Drafts.Urgent", box)
    tool("maildirmake", "-F", "Größe & mehr", box, LC_ALL="C.UTF-8")
    listed = b"".join(line.line for line in posthouse.connect(name).command('LIST "" *')[1])
    assert b"Drafts/Urgent" in listed and b"Gr&APYA3w-e &- mehr" in listed


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    root = tmp_path_factory.mktemp("installed")
    subprocess.run([str(ROOT / "tools/install.sh"), str(BUILD), "", str(root)], check=True, cwd=ROOT, capture_output=True)
    return root


def certificate(file, *what):
    return subprocess.run(["openssl", "x509", "-in", str(file), "-noout", *what], capture_output=True, text=True,
                          check=True).stdout


@pytest.mark.parametrize("name", ["imapd", "pop3d"])
def test_certificates(installed, tmp_path, name):
    def make(*argv, code=0):
        done = subprocess.run([str(installed / f"bin/mk{name}cert"), *map(str, argv)], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False, start_new_session=True)
        assert done.returncode == code, done.stderr
        return done.stdout

    usual = installed / f"etc/{name}.pem"
    make()
    before = usual.read_bytes()
    assert usual.stat().st_mode & 0o777 == 0o600
    assert "CN = localhost" in certificate(usual, "-subject") and "DNS:localhost" in certificate(usual, "-text")
    assert before.count(b"PRIVATE KEY") == 2
    assert make(code=1) == f"{usual} already exists.\n" and usual.read_bytes() == before

    own = tmp_path / "own.cnf"
    own.write_text((ROOT / f"deploy/host/{name}.cnf").read_text().replace("localhost", "mail.example.test"))
    make("-c", own, "-o", os.getuid(), tmp_path / "own.pem")
    assert "mail.example.test" in certificate(tmp_path / "own.pem", "-subject")
    (tmp_path / "link.pem").symlink_to("/nowhere")
    make(tmp_path / "link.pem", code=1)
    make("-c", "/nowhere", tmp_path / "none.pem", code=1)
    make("-x", code=64)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.pem", "own.cnf", "own.pem"]


def compiled(folder, text):
    source = folder / "converted"
    source.touch(mode=0o600)
    source.write_text(text)
    tool("makeuserdb", "-f", source)
    return dict(AUTH_MODULES="userdb", USERDB=str(source))


def hashed(password, scheme="-sha512"):
    return tool("userdbpw", scheme, given=f"{password}\n").strip()


def test_pw2userdb(tmp_path):
    passwd, shadow = tmp_path / "passwd", tmp_path / "shadow"
    passwd.write_text("root:x:0:0:root:/root:/bin/sh\nalice:x:5:6:Alice|A.:/home/alice:/bin/sh\n"
                      f"bob:{hashed('bob')}:7:8::/home/bob:\nlocked:x:9:9:L:/l:/bin/sh\n")
    shadow.write_text(f"root:*:1::::::\nalice:{hashed('wonder land')}:1:0:9:7:::\nlocked:!:1:0:9:7:::\n")
    files = (f"--passwd={passwd}", f"--shadow={shadow}")
    told = tool("pw2userdb", *files)
    env = compiled(tmp_path, told)
    tool("authtest", "-c", "/dev/null", "alice", "wonder land", **env)
    tool("authtest", "-c", "/dev/null", "bob", "bob", **env)
    tool("authtest", "-c", "/dev/null", "locked", "!", code=1, **env)
    tool("authtest", "-c", "/dev/null", "root", code=1, **env)
    assert "5=\talice\n" in told
    assert "=\t" not in tool("pw2userdb", *files, "--nouid")
    assert "alice@example.test\tuid=5|gid=6" in tool("pw2userdb", *files, "--domain=example.test")
    assert "systempw=$" not in tool("pw2userdb", f"--passwd={passwd}", "--noshadow").split("\n")[0]
    tool("pw2userdb", "--passwd=/nowhere", code=1)
    tool("pw2userdb", *files[:1], "--shadow=/nowhere", code=1)
    passwd.write_text("bad|:x:5:6::/home/bad|er:/bin/sh\nfine:x:1:1::/h:\n")
    assert tool("pw2userdb", *files, "--nouid", code=1) == "fine\tuid=1|gid=1|home=/h\n"
    tool("pw2userdb", "x", code=64)

    couriers = BUILD / "unpacked" / "userdb"
    if subprocess.run([str(ROOT / "tools/unpack.sh"), str(couriers), "courier-authlib-userdb"], capture_output=True,
                      check=False).returncode != 0:
        pytest.skip("Courier's own cannot be fetched")
    passwd.write_text("alice:x:5:6:A|A.:/home/alice:/bin/sh\nlocked:x:9:9:L:/l:/bin/sh\n")
    theirs = subprocess.run([str(couriers / "usr/sbin/pw2userdb"), *files], capture_output=True, text=True, check=True)
    assert sorted(tool("pw2userdb", *files).splitlines()) == sorted(theirs.stdout.splitlines())


def test_vchkpw2userdb(tmp_path):
    vpopmail, to = tmp_path / "vpopmail", tmp_path / "converted.d"
    for domain, people in {
            "domains/example.test": f"alice:{hashed('wonder land', '-md5')}:1:8:Alice A.:/v/alice:1000S:x\n"
                                    "clear::1:0:C:/v/clear:NOQUOTA:in clear\n",
            "domains/other.test": f"alice:{hashed('other')}:1:0::/v/other:NOQUOTA\n", "domains/empty": None,
            "users": f"root:{hashed('mail')}:1:0::/v/users:NOQUOTA\n"}.items():
        (vpopmail / domain).mkdir(parents=True)
        if people is not None:
            (vpopmail / domain / "vpasswd").write_text(people)
    (vpopmail / "domains/default").symlink_to("example.test")
    home = f"--vpopmailhome={vpopmail}"
    told = tool("vchkpw2userdb", home)
    assert (f"alice@example.test\tuid={os.getuid()}|gid={os.getgid()}|home=/v/alice|quota=1000S|options=disableimap=1"
            "|gecos=Alice A.|systempw=$1$") in told
    env = compiled(tmp_path, told)
    for name, password in (("alice@example.test", "wonder land"), ("alice", "wonder land"), ("clear", "in clear"),
                           ("alice@other.test", "other"), ("root", "mail")):
        tool("authtest", "-c", "/dev/null", name, password, **env)
    assert tool("vchkpw2userdb", home, f"--todir={to}") == ""
    assert sorted(file.name for file in to.iterdir()) == ["default", "example.test", "other.test", "users"]
    assert sorted("".join(file.read_text() for file in to.iterdir()).splitlines()) == sorted(told.splitlines())
    assert (to / "example.test").stat().st_mode & 0o777 == 0o600
    tool("makeuserdb", "-f", to)
    tool("vchkpw2userdb", "--vpopmailhome=/nowhere", code=1)
    tool("vchkpw2userdb", "x", code=64)


def test_userdb_shows(tmp_path):
    (tmp_path / "tree").mkdir(mode=0o700)
    env = {"USERDB": str(tmp_path / "tree")}
    tool("userdb", "people/alice", "set", "uid=5", "gid", given="6\n", **env)
    shown = "uid=5\ngid=6\n"
    for argv in (("people", "alice"), ("people/alice",), ("-f", tmp_path / "tree/people", "alice")):
        assert tool("userdb", "-show", *argv, **env) == shown
    assert tool("userdb", "-show", "people", **env) == "alice\n"
    tool("userdb", "-show", "people", "bob", code=1, **env)
    tool("userdb", "-show", "-f", "x", "y", "z", code=64, **env)
