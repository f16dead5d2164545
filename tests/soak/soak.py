"""Hours of trouble in minutes: many clients, every service killed, files removed, power lost; then the count.

	SOAK_SECONDS=540	how long the services are troubled
	SOAK_POWER_ROUNDS=5	how often a disk loses its power after that (needs root and loop devices)
	SOAK_SEED=		the seed of an earlier run

A problem is an acknowledged message that is lost or there twice, a UID with two meanings, an expunged message that came
back, a flag that is gone, a UIDNEXT or HIGHESTMODSEQ that went back, or a command that failed.
"""

import contextlib
import os
import pathlib
import random
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]

# pylint: disable=wrong-import-position
from conftest import Posthouse
from ledger import COPIES, Ledger, read_folder
from power import Disk
from test_shards import Accounts
from trouble import Outside, Saboteur
from worker import FOLDERS, Worker

SECONDS = float(os.environ.get("SOAK_SECONDS", "540"))
POWER_ROUNDS = int(os.environ.get("SOAK_POWER_ROUNDS", "5"))
POWER_SECONDS = 8
SEED = int(os.environ.get("SOAK_SEED") or random.randrange(10 ** 9))


def connect(posthouse, account):
    """A login, however busy the services are with coming back."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return posthouse.connect(account)
        except Exception:       # pylint: disable=broad-except
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


@contextlib.contextmanager
def started(run, **settings):
    """Posthouse, stopped at the end whatever happens."""
    posthouse = Posthouse(run, MAXPERIP="0", **settings)
    try:
        yield posthouse.start()
    finally:
        posthouse.stop()


def make_folders(posthouse, accounts):
    for account in accounts:
        client = connect(posthouse, account)
        for folder in (*FOLDERS[1:], COPIES):
            client.ok(f"CREATE {folder}")
        client.logout()


def run_for(seconds, threads, stop):
    """Start the threads and stop them after a time, or as soon as one found a promise broken."""
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end and not any(t.broken for t in threads):
        time.sleep(0.5)
    stop.set()


def join_all(threads):
    problems = []
    for thread in threads:
        thread.join(120)
        if thread.is_alive():
            problems.append(f"{thread}: a command never came back")
        elif thread.broken:
            problems.append(repr(thread.broken))
    return problems


def check_all(posthouse, ledgers):
    """Twice: once as it is and once after a restart, which believes nothing but the disk."""
    problems = []
    for again in (False, True):
        if again:
            posthouse.stop()
            posthouse.start()
        for ledger in ledgers:
            client = connect(posthouse, ledger.account)
            seen = {folder: read_folder(client, ledger, folder) for folder in (*FOLDERS, COPIES)}
            problems += ledger.check(seen)
    return problems


def summary(threads):
    totals = {}
    for thread in threads:
        for what, count in getattr(thread, "commands", getattr(thread, "done", {})).items():
            totals[what] = totals.get(what, 0) + count
    return ", ".join(f"{count:,} {what}" for what, count in sorted(totals.items()))


def trouble_round(folder):
    """Two stores, two frontends, four accounts, everything dies now and then."""
    run = folder / "trouble"
    sql = Accounts(folder / "accounts.sqlite", run)
    with started(run, STORES_COUNT="2", MAXPERUSER="0", **sql.settings()) as posthouse:
        accounts = ["anna@example.test", "arne@example.test", "bert@example.test", "bela@example.test"]
        make_folders(posthouse, accounts)
        ledgers, stop = [Ledger(a) for a in accounts], threading.Event()
        threads = [Worker(posthouse, ledger, n, f"{SEED}/{ledger.account}/{n}", stop) for ledger in ledgers for n in (0, 1)]
        threads += [OutsideOf(posthouse, ledger, f"{SEED}/outside/{ledger.account}", stop) for ledger in ledgers]
        threads += [Saboteur(posthouse, f"{SEED}/saboteur", stop, ("storesvc", "storesvc2"))]
        run_for(SECONDS, threads, stop)
        problems = join_all(threads) + check_all(posthouse, ledgers)
    print(f"trouble: {summary(threads)}; {sum(l.facts for l in ledgers):,} facts checked", flush=True)
    return problems


class OutsideOf(Outside):
    """An outside program in the account's Maildir, on whichever store that is."""

    def __init__(self, posthouse, ledger, seed, stop):
        super().__init__(posthouse, ledger, seed, stop)
        self.folder = next(p for p in posthouse.run_dir.glob(f"mail*/{ledger.account}/Maildir"))


def power_round(folder, number):
    """One store on a disk that loses its power while four clients work."""
    run = folder / f"power{number}"
    run.mkdir()
    with Disk(folder / f"disk{number}.img", run / "mail") as disk, started(run) as posthouse:
        accounts = [posthouse.user("carl@example.test"), posthouse.user("cleo@example.test")]
        make_folders(posthouse, accounts)
        ledgers, stop = [Ledger(a) for a in accounts], threading.Event()
        workers = [Worker(posthouse, ledger, n, f"{SEED}/power{number}/{ledger.account}/{n}", stop)
                   for ledger in ledgers for n in (0, 1)]
        run_for(random.Random(f"{SEED}/{number}").uniform(1, POWER_SECONDS), workers, stop)
        disk.lose_power()
        time.sleep(1)       # for answers that should not be given any more
        posthouse.stop()
        problems = join_all(workers)
        disk.unmount()
        disk.mount()
        posthouse.start()
        for ledger in ledgers:
            ledger.forgive_unsynced((*FOLDERS, COPIES))
        problems += check_all(posthouse, ledgers)
    print(f"power {number}: {summary(workers)}; {sum(l.facts for l in ledgers):,} facts checked", flush=True)
    return problems


def main():
    print(f"soak: seed {SEED}, {SECONDS:g} s", flush=True)
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="posthouse-soak.") as name:
        folder = pathlib.Path(name)
        rounds = [lambda: trouble_round(folder)] if SECONDS else []
        if Disk.possible():
            rounds += [lambda n=n: power_round(folder, n) for n in range(POWER_ROUNDS)]
        elif POWER_ROUNDS:
            print("power: NOT RUN, it needs root and loop devices")
        for one in rounds:
            try:
                problems = one()
            except Exception as e:      # pylint: disable=broad-except
                problems = [repr(e)]
            for problem in problems[:40]:
                print("PROBLEM:", problem)
            passed, failed = passed + (not problems), failed + bool(problems)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
