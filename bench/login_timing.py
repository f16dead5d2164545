#!/usr/bin/python3
"""
Does the time of a refused login tell whether there is such an account?

    BUILD=build bench/login_timing.py [ATTEMPTS] >bench/RESULTS-login-timing.md

A frontend and an authsvc of its own, on loopback. In each row logins with an unknown name and logins with a wrong password
of an account take turns, ATTEMPTS (200) of each. Told are the medians, the difference of the medians with a
bootstrap interval, and how often a wrong password took longer than an unknown name, of all pairs (Mann and Whitney's U
divided by its most): 50 % tells nothing, and p says how likely it is to be that far from 50 % by chance. Delays that grow
with failures are off, for they depend on who failed before, not on what the check took.

SCRAM answers a name before it knows whether the password is right: a second table has the time of that answer, for unknown
names and for accounts.
"""

import base64
import concurrent.futures
import math
import os
import pathlib
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "integration"))

from conftest import BUILD, free_port_base      # noqa: E402
from databases import Postgres                  # noqa: E402
from test_auth_sources import FIELDS, Auth      # noqa: E402

RESAMPLES = 1000
rows = []
CROWD = 3       # logins at a time, when they do nothing but wait


def stored(password, scheme):
    return subprocess.run([str(BUILD / "bin/userdbpw"), f"-{scheme}"], input=password + "\n", text=True,
                          capture_output=True, check=True).stdout.strip()


class Frontend:
    def __init__(self, folder, auth):
        self.port = free_port_base() + 143
        self.log = open(folder / "frontend.log", "wb")
        self.process = subprocess.Popen(
            [str(BUILD / "bin/posthouse-frontend"), "--config=/dev/null"], stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log, env=dict(
                os.environ, LISTEN=f"ipc://{folder}/f", IMAP_LISTEN=f"127.0.0.1:{self.port}", IMAPS_LISTEN="",
                POP3_LISTEN="", POP3S_LISTEN="", AUTH=auth.url, STORES=f"store1=ipc://{folder}/s", DRAIN_SECONDS="1"))
        deadline = time.monotonic() + 20
        while True:
            try:
                self.refusal("nobody@example.test")
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def refusal(self, name):
        """The seconds between a LOGIN and its NO."""
        with socket.create_connection(("127.0.0.1", self.port), 30) as s:
            s.recv(4096)
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line = f"a LOGIN {name} wrong-{random.randrange(10 ** 9)}\r\n".encode()
            begun = time.perf_counter()
            s.sendall(line)
            answer = s.recv(4096)
            took = time.perf_counter() - begun
        if b"AUTHENTICATIONFAILED" not in answer:
            raise OSError(answer)
        return took

    def challenge(self, name):
        """The seconds until SCRAM has told a salt for the name."""
        first = base64.b64encode(f"n,,n={name},r={random.randrange(10 ** 12)}".encode())
        with socket.create_connection(("127.0.0.1", self.port), 30) as s:
            s.recv(4096)
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            begun = time.perf_counter()
            s.sendall(b"a AUTHENTICATE SCRAM-SHA-256 " + first + b"\r\n")
            answer = s.recv(4096)
            took = time.perf_counter() - begun
            s.sendall(b"*\r\n")
            s.recv(4096)
        if not answer.startswith(b"+ "):
            raise OSError(answer)
        return took

    def await_scram(self):
        deadline = time.monotonic() + 20
        while True:
            try:
                return self.challenge("nobody@example.test")
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()


def turns(attempt, known, attempts, crowd):
    """Times of unknown names and of the account, in milliseconds."""
    def turn(number):
        names = [f"nobody{number}@example.test", known]
        took = {}
        for name in names if number % 2 else reversed(names):
            took[name] = 1000 * attempt(name)
        return [took[name] for name in names]

    with concurrent.futures.ThreadPoolExecutor(crowd) as pool:
        pairs = list(pool.map(turn, range(attempts)))
    return [p[0] for p in pairs], [p[1] for p in pairs]


def mann_whitney(one, two):
    """How often the second is larger, and the two-sided p of that (normal approximation, ties are rare)."""
    ranked = sorted([(x, 0) for x in one] + [(x, 1) for x in two])
    ranks = sum(rank for rank, (_, which) in enumerate(ranked, 1) if which)
    u = ranks - len(two) * (len(two) + 1) / 2
    pairs = len(one) * len(two)
    z = (u - pairs / 2) / math.sqrt(pairs * (len(one) + len(two) + 1) / 12)
    return u / pairs, math.erfc(abs(z) / math.sqrt(2))


def interval(one, two):
    """95 % of the differences of medians of resampled turns."""
    differences = sorted(
        statistics.median(random.choices(two, k=len(two))) - statistics.median(random.choices(one, k=len(one)))
        for _ in range(RESAMPLES))
    return differences[RESAMPLES // 40], differences[-RESAMPLES // 40]


def report(what, step, unknown, wrong):
    share, p = mann_whitney(unknown, wrong)
    low, high = interval(unknown, wrong)
    u, w = statistics.median(unknown), statistics.median(wrong)
    rows.append((step, p, low <= 0 <= high))
    print(f"| {what} | {step} | {u:.2f} | {w:.2f} | {w - u:+.2f} ({low:+.2f} ... {high:+.2f}) | {100 * share:.0f} % | "
          f"{p:.2g} |", flush=True)


def conclude():
    """What the rows say together. Of many rows, some have a small p by chance: it is compared with 5 % for all of them."""
    for step in sorted({row[0] for row in rows}):
        ps = [p for s, p, _ in rows if s == step]
        told = sum(p < 0.05 / len(ps) for p in ps)
        even = sum(zero for s, _, zero in rows if s == step)
        print(f"\nAUTH_REFUSAL_STEP={step}: {told} of {len(ps)} rows tell accounts from names (least p {min(ps):.2g}, to be below "
              f"{0.05 / len(ps):.2g}); in {even} the interval of the difference contains 0.")


def userdb_line(auth, name, fields):
    with open(auth.folder / "userdb", "a", encoding="ascii") as f:
        f.write(f"{name}@example.test\tuid=1000|gid=1000|home=/home/u|{fields}\n")
    subprocess.run([str(BUILD / "bin/makeuserdb"), "-f", str(auth.folder / "userdb")], check=True)


def measure(folder, modules, accounts, step, attempts, **settings):
    auth = Auth(folder, modules, AUTH_REFUSAL_STEP=step, **settings)
    for name, (_, line) in accounts.items():
        if line:
            userdb_line(auth, name, line)
    frontend = Frontend(folder, auth)
    try:
        for name, (what, _) in accounts.items():
            report(what, step, *turns(frontend.refusal, f"{name}@example.test", attempts, 1 if step == "0" else CROWD))
    finally:
        frontend.stop()
        auth.stop()


def measure_scram(folder, accounts, attempts):
    """Where passwords are stored in the clear, and where only keys are."""
    auth = Auth(folder, "userdb")
    (folder / "userdb").write_text("")      # without the clear password that Auth gives it
    for name, (_, line) in accounts.items():
        userdb_line(auth, name, line)
    frontend = Frontend(folder, auth)
    try:
        frontend.await_scram()
        for name, (what, _) in accounts.items():
            report(what, "", *turns(frontend.challenge, f"{name}@example.test", attempts, 1))
    finally:
        frontend.stop()
        auth.stop()


def main():
    attempts = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    scheme = "sha512"
    hashed = stored("secret", scheme)
    applications = "|".join(f"app-program{n}-pw={stored(f'secret {n}', scheme)}" for n in range(4))
    in_userdb = {
        "usual": ("userdb, a hash of the usual scheme", f"systempw={hashed}"),
        "applications": ("userdb, the same and four application passwords", f"systempw={hashed}|{applications}"),
        "clear": ("userdb, a clear password", "systempw={PLAIN}secret"),
        "scram": ("userdb, SCRAM's keys", f"systempw={stored('secret', 'scram-sha-256')}"),
        "argon": ("userdb, Argon2id", f"systempw={stored('secret', 'argon2id')}"),
        "locked": ("userdb, locked", "systempw=*"),
    }
    in_database = {
        "usual": ("PostgreSQL, a hash of the usual scheme", None),
        "applications": ("PostgreSQL, the same and four application passwords", None),
    }
    folder = pathlib.Path(tempfile.mkdtemp(prefix="posthouse-timing."))
    folder.chmod(0o755)
    database = Postgres(folder / "d")
    try:
        database.sql("".join(
            f"INSERT INTO passwd (id, crypt, uid, gid, home) VALUES ('{name}@example.test', '{hashed}', 1, 1, '/h');"
            for name in in_database) + "".join(
            f"INSERT INTO apppasswords (account, name, hash) VALUES ('applications@example.test', 'p{n}', "
            f"'{stored(f'secret {n}', scheme)}');" for n in range(4)))
        print("# Refused logins: an unknown name, and a wrong password\n\n"
              f"Made by `bench/login_timing.py`: {attempts} of each in turns, `PASSWORD_SCHEME={scheme}`, milliseconds.\n\n"
              "| the account | AUTH_REFUSAL_STEP | unknown, median | wrong, median | difference (95 %) | wrong took "
              "longer | p |\n| --- | --- | --- | --- | --- | --- | --- |")
        fields = {f"PGSQL_{name}": value for name, value in FIELDS.items()}
        for n, step in enumerate(("0", "250ms")):
            measure(folder / f"userdb{n}", "userdb", in_userdb, step, attempts, PASSWORD_SCHEME=scheme)
            measure(folder / f"pgsql{n}", "pgsql", in_database, step, attempts, PASSWORD_SCHEME=scheme,
                    PGSQL_APPPASSWORDS_TABLE="apppasswords", **database.settings(), **fields)
        conclude()
        print("\n## SCRAM-SHA-256's first answer\n\n"
              "| the account | | unknown, median | account, median | difference (95 %) | account took longer | p |\n"
              "| --- | --- | --- | --- | --- | --- | --- |")
        keys = f"systempw={stored('secret', 'scram-sha-256')}"
        measure_scram(folder / "scram0", {
            "clear": ("a clear password", "systempw={PLAIN}secret"), "keys": ("keys, beside clear passwords", keys),
            "hashed": ("a hash, beside clear passwords", f"systempw={hashed}")}, attempts)
        measure_scram(folder / "scram1", {
            "keys": ("keys, of all", keys), "hashed": ("a hash, beside keys", f"systempw={hashed}")}, attempts)
    finally:
        database.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
