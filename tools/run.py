"""Start Posthouse on loopback: Redis, authsvc, storesvc, outboxsvc and two frontends.

What is needed is made under RUN_DIR the first time and kept afterwards: keys,
a self-signed certificate, the accounts alice and bob, their mail. A service
that dies is started again after a growing pause. SIGTERM or Ctrl-C stops all
of it; RUN_DIR/pids names every live process.

STORES_COUNT=2 starts as many stores: store1 with RUN_DIR/mail, store2 with
RUN_DIR/mail2 and so on. Where an account's mail is, its module of authsvc
says; those of userdb are all on store1.
"""

import ctypes
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RUN_DIR = os.path.abspath(os.environ.get("RUN_DIR", "run"))
PORT_BASE = int(os.environ.get("PORT_BASE", "10000"))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build")))
DRAIN = os.environ.get("DRAIN_SECONDS", "2")
LOG_LEVEL = os.environ.get("LOG_LEVEL", "info")
STORES_COUNT = int(os.environ.get("STORES_COUNT", "1"))
HEALTHY_WITHIN = 30.0

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0
UP_LONG_ENOUGH = 0.3            # a service that lived this long starts over with the first pause

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


def path(*parts):
    return os.path.join(RUN_DIR, *parts)


def in_run_dir():
    """What `make user` has to be told to make an account here."""
    return f"RUN_DIR={RUN_DIR} " if "RUN_DIR" in os.environ else ""


class Service:
    """One process: how to start it, and when to start it again."""

    def __init__(self, name, argv, settings=None):
        self.name, self.argv, self.settings = name, argv, settings or {}
        self.process, self.started, self.pause, self.due = None, 0.0, FIRST_PAUSE, 0.0

    def start(self):
        def die_with_parent():
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

        environment = dict(os.environ, **self.settings)
        with open(path("log", self.name + ".log"), "ab") as log:
            self.process = subprocess.Popen(
                self.argv, cwd=RUN_DIR, env=environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True, preexec_fn=die_with_parent)
        self.started = time.monotonic()

    def tend(self):
        """Start again what has died. True when the set of processes changed."""
        now = time.monotonic()
        if self.process and self.process.poll() is not None:
            if now - self.started >= UP_LONG_ENOUGH:
                self.pause = FIRST_PAUSE
            say(f"{self.name} ended ({self.process.returncode}), starting again in {self.pause:g} s")
            self.process, self.due = None, now + self.pause
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
            return True
        if not self.process and now >= self.due:
            self.start()
            return True
        return False

    def stop(self, patience):
        if not self.process:
            return
        self.process.terminate()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            say(f"{self.name} does not end by itself, killing it")
            self.process.kill()
            self.process.wait()
        self.process = None


def numbered(name, number):
    """The first has no number: "storesvc", "storesvc2"."""
    return name if number == 1 else f"{name}{number}"


def store_names():
    return [numbered("storesvc", n + 1) for n in range(STORES_COUNT)]


def store_addresses():
    """The setting STORES."""
    return ",".join(f"store{n}=ipc://sock/{name}" for n, name in enumerate(store_names(), 1))


def listen(name):
    """The setting LISTEN: the socket, and what AUTHSVC_LISTEN, STORESVC_LISTEN and so on name beside it."""
    return ",".join(filter(None, (f"ipc://sock/{name}", os.environ.get(f"{name.upper()}_LISTEN"))))


def say(text):
    print(text, flush=True)


def run_tool(*argv):
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL,
                   env=dict(os.environ, RUN_DIR=RUN_DIR, BUILD=BUILD))


def prepare():
    roots = [numbered("mail", n + 1) for n in range(STORES_COUNT)]
    for name in ("log", "sock", "keys", "redis", *roots):
        os.makedirs(path(name), mode=0o700, exist_ok=True)
    run_tool(os.path.join(ROOT, "tools", "make-keys.sh"), path("keys"))
    run_tool(os.path.join(ROOT, "tools", "make-cert.sh"), path("keys", "posthouse.pem"))
    if not os.path.exists(path("keys", "tls-tickets")):
        with open(path("keys", "tls-tickets"), "w", encoding="ascii") as f:
            f.write(secrets.token_hex(80) + "\n")
    if not os.path.exists(path("userdb")):
        for name in ("alice", "bob"):
            run_tool(os.path.join(ROOT, "tools", "user.sh"), "user", name, name + "-demo")
    run_tool(os.path.join(BUILD, "bin", "makeuserdb"), "-f", path("userdb"))
    write_ctl_settings()


def write_ctl_settings():
    """posthousectl.conf: relative paths in it are relative to RUN_DIR."""
    with open(path("posthousectl.conf"), "w", encoding="utf-8") as f:
        f.write("FRONTENDS=ipc://sock/frontend1,ipc://sock/frontend2\n"
                f"AUTH=ipc://sock/authsvc\nSTORES={store_addresses()}\n"
                "OUTBOX=ipc://sock/outboxsvc\nADMIN_KEY=keys/admin.key\n"
                f"NEW_HOME=\"{path('mail')}/%a\"\n")


def services():
    # Sockets are named relative to RUN_DIR, so that its depth does not matter.
    shared = {"REDIS_URL": "unix://" + "sock/redis.sock", "LOG_LEVEL": LOG_LEVEL,
              "DRAIN_SECONDS": DRAIN, "ADMIN_PUBLIC_KEYS": path("keys", "admin.pub")}

    def service(name, http, **settings):
        settings["HTTP_LISTEN"] = f"127.0.0.1:{http}"
        program = os.path.join(BUILD, "bin", "posthouse-" + name.rstrip("0123456789"))
        return Service(name, [program, "--config=/dev/null"], {**shared, **settings})

    def frontend(number, base):
        return service(
            f"frontend{number}", base + 901, LISTEN=f"ipc://sock/frontend{number}",
            IMAP_LISTEN=f"127.0.0.1:{base + 143}", IMAPS_LISTEN=f"127.0.0.1:{base + 993}",
            POP3_LISTEN=f"127.0.0.1:{base + 110}", POP3S_LISTEN=f"127.0.0.1:{base + 995}",
            AUTH="ipc://sock/authsvc", STORES=store_addresses(),
            TLS_CERTFILE=path("keys", "posthouse.pem"), TLS_TICKET_KEYS=path("keys", "tls-tickets"),
            MAXPERIP=os.environ.get("MAXPERIP", "0"))

    def store(number, name):
        return service(
            name, PORT_BASE + (903 if number == 1 else 903 + number), LISTEN=listen(name),
            STORE_NAME=f"store{number}", MAILDIR_ROOT=path(numbered("mail", number)), MAILDIR_ROOT_INIT="yes",
            TICKET_PUBLIC_KEYS=path("keys", "ticket.pub"), STORE_FSYNC=os.environ.get("STORE_FSYNC", "mail"))

    return [
        Service("redis", ["redis-server", "--port", "0", "--unixsocket", "../sock/redis.sock",
                          "--save", "", "--appendonly", "no", "--daemonize", "no",
                          "--dir", path("redis")]),
        service("authsvc", PORT_BASE + 902, LISTEN=listen("authsvc"),
                AUTH_MODULES=os.environ.get("AUTH_MODULES", "userdb"),
                USERDB=path("userdb"), TICKET_KEY=path("keys", "ticket.key"),
                AUTH_FAIL_DELAY=os.environ.get("AUTH_FAIL_DELAY", "1s")),
        *[store(number, name) for number, name in enumerate(store_names(), 1)],
        service("outboxsvc", PORT_BASE + 904, LISTEN="ipc://sock/outboxsvc"),
        frontend(1, PORT_BASE),
        frontend(2, PORT_BASE + 1000),
    ]


def write_pids(running):
    lines = [f"run {os.getpid()}"]
    lines += [f"{s.name} {s.process.pid}" for s in running if s.process]
    with open(path("pids.new"), "w", encoding="ascii") as f:
        f.write("\n".join(lines) + "\n")
    os.rename(path("pids.new"), path("pids"))


def answers(port):
    """Does a login and a look into INBOX work there? That takes every service."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as s, s.makefile("rwb") as f:
            f.readline()
            for command in (b"a LOGIN alice alice-demo", b"a EXAMINE INBOX", b"a LOGOUT"):
                f.write(command + b"\r\n")
                f.flush()
                while not (line := f.readline()).startswith(b"a "):
                    if not line:
                        return False
                if not line.startswith(b"a OK"):
                    # Someone changed the demo password: being told so is an answer, too.
                    return b"AUTHENTICATIONFAILED" in line
        return True
    except OSError:
        return False


def tell():
    one, two = PORT_BASE, PORT_BASE + 1000
    say(f"""
Posthouse is running.

  frontend 1   IMAP 127.0.0.1:{one + 143}   IMAP over TLS 127.0.0.1:{one + 993}
               POP3 127.0.0.1:{one + 110}   POP3 over TLS 127.0.0.1:{one + 995}
  frontend 2   IMAP 127.0.0.1:{two + 143}   IMAP over TLS 127.0.0.1:{two + 993}
               POP3 127.0.0.1:{two + 110}   POP3 over TLS 127.0.0.1:{two + 995}
  accounts     alice (password alice-demo), bob (password bob-demo)
  mail         {path('mail')}/ACCOUNT/Maildir
  logs         {path('log')}/
  metrics      http://127.0.0.1:{one + 901}/metrics, also {one + 902} authsvc, {one + 903} storesvc, {one + 904} outboxsvc
  processes    {path('pids')}
  see it       {os.path.join(BUILD, 'bin', 'posthousectl')} --config={path('posthousectl.conf')} status

Try:
  curl --user alice:alice-demo 'imap://127.0.0.1:{one + 143}/INBOX' -X 'STATUS INBOX (MESSAGES)'
  mutt -f imaps://alice:alice-demo@127.0.0.1:{one + 993}/INBOX

Another account: make user {in_run_dir()}NAME=carol PASS=secret. Ctrl-C stops everything.""")


def serve():
    """Tend the services until told to stop. The exit status."""
    stopping = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, frame: stopping.append(number))
    running = services()
    told, deadline = False, time.monotonic() + HEALTHY_WITHIN
    try:
        for s in running:
            s.start()
        write_pids(running)
        while not stopping:
            if any([s.tend() for s in running]):
                write_pids(running)
            if not told:
                told = all(answers(PORT_BASE + offset + 143) for offset in (0, 1000))
                if told:
                    tell()
                elif time.monotonic() > deadline:
                    say(f"Not healthy after {HEALTHY_WITHIN:g} s; see {path('log')}")
                    return 1
            time.sleep(0.02)
        return 0
    finally:
        for s in reversed(running):
            s.stop(float(DRAIN) + 8)
        os.unlink(path("pids"))


def main():
    os.makedirs(RUN_DIR, mode=0o700, exist_ok=True)
    with open(path("lock"), "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"{RUN_DIR} is in use by another run")
        prepare()
        sys.exit(serve())


if __name__ == "__main__":
    main()
