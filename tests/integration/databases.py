"""Real database servers of a test's own: started in a folder, stopped by process id."""

import glob
import os
import pwd
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest

from conftest import ROOT


def unprivileged(name):
    """Whom to run a server as that refuses to be root; None: as we are."""
    if os.getuid() != 0:
        return None
    try:
        return pwd.getpwnam(name)
    except KeyError:
        pytest.skip(f"there is no user {name} to run the server as")


class Server:
    """A process that can be stopped, started again and made to hang."""

    def __init__(self, folder, user):
        self.folder, self.user, self.process = folder, user, None
        folder.mkdir()
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)

    def as_user(self):
        who = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        return dict(who, cwd=self.folder, stdin=subprocess.DEVNULL)

    def run(self, *argv, **more):
        done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, check=False,
                              **{**self.as_user(), **more})
        assert done.returncode == 0, f"{argv}: {done.stderr}{done.stdout}"
        return done.stdout

    def start(self):
        with open(self.folder.parent / (self.folder.name + ".log"), "ab") as log:
            self.process = subprocess.Popen([str(a) for a in self.argv()], stdout=log, stderr=log, **self.as_user())
        deadline = time.monotonic() + 30
        while not self.answers():
            assert self.process.poll() is None and time.monotonic() < deadline, "the server did not start"
            time.sleep(0.05)
        return self

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(self.stop_signal)
            self.process.wait(30)

    def everyone(self):
        """The server and its children."""
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)],
                                  capture_output=True, text=True, check=False).stdout
        return [self.process.pid, *map(int, children.split())]

    def hang(self):
        for pid in self.everyone():
            os.kill(pid, signal.SIGSTOP)

    def resume(self):
        for pid in self.everyone():
            os.kill(pid, signal.SIGCONT)


class Postgres(Server):
    module, prefix, stop_signal = "pgsql", "PGSQL", signal.SIGQUIT

    def __init__(self, folder):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        if not found:
            pytest.skip("postgresql is not installed (tools/deps.sh test)")
        self.bin = found[-1]
        super().__init__(folder, unprivileged("postgres"))
        self.run(f"{self.bin}/initdb", "-A", "trust", "-U", "mail", "-N", "--no-locale", "-E", "UTF8", "data")
        self.start()
        self.sql((ROOT / "deploy/sql/postgresql.sql").read_text())

    def argv(self):
        return [f"{self.bin}/postgres", "-D", "data", "-k", self.folder, "-c", "listen_addresses=", "-F"]

    def answers(self):
        return subprocess.run([f"{self.bin}/pg_isready", "-q", "-h", str(self.folder)], check=False).returncode == 0

    def sql(self, text):
        return self.run(f"{self.bin}/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U",
                        "mail", "-d", "postgres", "-f", "-", stdin=None, input=text)

    def settings(self):
        return {"PGSQL_CONNECTION": f"host={self.folder} user=mail dbname=postgres"}


class MariaDb(Server):
    module, prefix, stop_signal = "mysql", "MYSQL", signal.SIGKILL

    def __init__(self, folder):
        if not shutil.which("mariadbd", path="/usr/sbin:/usr/bin"):
            pytest.skip("mariadb-server is not installed (tools/deps.sh test)")
        super().__init__(folder, unprivileged("mysql"))
        self.run("mariadb-install-db", "--no-defaults", f"--datadir={folder}/data", "--auth-root-authentication-method=normal",
                 "--skip-test-db")
        self.start()
        self.sql("CREATE DATABASE mail; USE mail;" + (ROOT / "deploy/sql/mysql.sql").read_text(), database="mysql")

    def argv(self):
        return ["/usr/sbin/mariadbd", "--no-defaults", f"--datadir={self.folder}/data", f"--socket={self.folder}/sock",
                "--skip-networking", f"--pid-file={self.folder}/pid", "--innodb-flush-method=nosync",
                "--innodb-buffer-pool-size=16M"]

    def answers(self):
        return subprocess.run(["mariadb-admin", "--no-defaults", f"--socket={self.folder}/sock", "-u", "root", "ping"],
                              capture_output=True, check=False).returncode == 0

    def sql(self, text, database="mail"):
        return self.run("mariadb", "--no-defaults", f"--socket={self.folder}/sock", "-u", "root", "-N", "-B", database,
                        stdin=None, input=text).replace("\t", "|")

    def settings(self):
        return {"MYSQL_SOCKET": f"{self.folder}/sock", "MYSQL_USERNAME": "root", "MYSQL_DATABASE": "mail"}


class Sqlite:
    """No server: stopping it takes the file away."""

    module, prefix = "sqlite", "SQLITE"

    def __init__(self, folder):
        folder.mkdir()
        self.file = folder / "accounts"
        self.sql((ROOT / "deploy/sql/sqlite.sql").read_text())

    def sql(self, text):
        with sqlite3.connect(self.file) as db:
            if text.lstrip().startswith("SELECT"):
                return "".join("|".join(map(str, row)) + "\n" for row in db.execute(text))
            db.executescript(text)
        return ""

    def start(self):
        self.file.with_suffix(".away").rename(self.file)

    def stop(self):
        if self.file.exists():
            self.file.rename(self.file.with_suffix(".away"))

    def settings(self):
        return {"SQLITE_DATABASE": str(self.file)}
