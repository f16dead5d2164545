"""How the cost of one operation grows with its input: server CPU at three sizes, and the exponent.

	bench/scale.py [--only NAME,NAME] [--small] [--out FILE]

Each scenario is run at n, 4n and 16n against services of its own, as `make run` starts them. Figures are CPU seconds of
storesvc and frontend 1 together. The exponent is that of the last two sizes: 1 is linear, 2 quadratic. `at most` is
what the scenario is built for; a row above it (and above the noise of 20 ms) is marked. --small divides the sizes by 16.
"""

import argparse
import math
import os
import pathlib
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "integration"))

# pylint: disable=wrong-import-position
from conftest import Posthouse

NOISE = 0.02        # CPU seconds that say nothing
MARGIN = 0.35       # what an exponent may be above what was planned for
TICK = os.sysconf("SC_CLK_TCK")
SCENARIOS = []


def scenario(name, first, at_most=1.0):
    """`run(place, n)` prepares, then returns the thing to time. `first`: the smallest size."""
    def add(run):
        SCENARIOS.append((name, first, at_most, run))
        return run
    return add


class Place:
    """An account of its own, and the means to put mail into it."""

    def __init__(self, posthouse, name):
        self.posthouse, self.name = posthouse, posthouse.user(name)
        self.client = posthouse.connect(self.name)
        self.client.socket.settimeout(600)
        self.maildir = posthouse.maildir(self.name)
        self.client.ok("STATUS INBOX (MESSAGES)")       # which makes it

    def folder(self, name):
        return self.maildir if name == "INBOX" else self.maildir / f".{name}"

    def files(self, count, folder="INBOX", flags=lambda i: "", body=b"Subject: m\n\nx\n"):
        """Messages as another program leaves them."""
        cur = self.folder(folder) / "cur"
        for i in range(count):
            (cur / f"{1700000000 + i}.M{i}P1.outside:2,{flags(i)}").write_bytes(body)

    def message(self, data):
        self.client.append("INBOX", data.replace(b"\n", b"\r\n"))
        self.client.select("INBOX")

    def cpu(self):
        """CPU seconds so far of the services that answer this client."""
        total, pids = 0.0, self.posthouse.pids()
        for name in ("storesvc", "frontend1"):
            fields = pathlib.Path(f"/proc/{pids[name]}/stat").read_text().rsplit(")", 1)[1].split()
            total += (int(fields[11]) + int(fields[12])) / TICK
        return total

    def ok(self, *commands):
        def run():
            for command in commands:
                self.client.ok(command)
        return run


@scenario("take over a foreign folder", 2000)
def take_over(place, n):
    place.client.ok("CREATE Big")
    place.files(n, "Big")
    return lambda: place.client.select("Big")


@scenario("DELETE a folder of n", 2000)
def delete(place, n):
    place.client.ok("CREATE Big")
    place.files(n, "Big")
    place.client.select("Big")
    place.client.ok("CLOSE")
    return place.ok("DELETE Big")


@scenario("STATUS (SIZE) of n unread files", 2000)
def status_size(place, n):
    place.client.ok("CREATE Big")
    place.files(n, "Big")
    place.client.ok("STATUS Big (MESSAGES)")
    return place.ok("STATUS Big (SIZE)")


@scenario("a flag changed by another program, folder of n", 4000, at_most=0.3)
def outside_flag(place, n):
    place.files(n)
    place.client.select("INBOX")

    def run():
        for _ in range(20):
            file = next(f for f in place.maildir.joinpath("cur").iterdir() if f.name.endswith(":2,"))
            file.rename(file.with_name(file.name + "F"))
            place.client.ok("NOOP")
    return run


@scenario("SEARCH BODY, n bytes of text and n/64 of needle", 200_000)
def needle(place, n):
    place.message(b"Subject: z\n\n" + b"\n".join(b"z" * 900 for _ in range(n // 900)) + b"\n")
    return place.ok(f'SEARCH BODY "{"z" * min(n // 64, 60000)}e{"z" * 8}"')


@scenario("ENVELOPE with a Subject of n bytes", 1_000_000)
def envelope(place, n):
    place.message(b"Subject:" + b"\n word" * (n // 6) + b"\n\nx\n")
    return place.ok("FETCH 1 ENVELOPE")


@scenario("HEADER.FIELDS.NOT of n bytes", 1_000_000)
def header_fields_not(place, n):
    place.message(b"".join(b"X-%d: %s\n" % (i, b"y" * 80) for i in range(n // 90)) + b"\nx\n")
    return place.ok("FETCH 1 BODY.PEEK[HEADER.FIELDS.NOT (To)]")


@scenario("HEADER.FIELDS, n/1000 names of n fields", 30_000)
def header_fields(place, n):
    place.message(b"".join(b"X-%d: y\n" % i for i in range(n)) + b"\nx\n")
    names = " ".join(f"Y-{i}" for i in range(n // 1000))
    return place.ok(*[f"FETCH 1 BODY.PEEK[HEADER.FIELDS ({names})]"] * 5)


@scenario("near boundaries: n bytes of \"--\" in 100 open multiparts", 1_000_000)
def near_boundaries(place, n):
    head = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (i, i) for i in range(100))
    place.message(b"Subject: m\n" + head + b"\n" + b"--\n" * (n // 3))
    return place.ok("FETCH 1 BODYSTRUCTURE")


@scenario("QRESYNC match data for n UIDs that are not there", 16_000_000, at_most=0.3)
def match_data(place, n):
    place.client.ok("ENABLE QRESYNC")
    told = place.client.select("INBOX")
    place.client.ok("UNSELECT")
    return place.ok(f'SELECT INBOX (QRESYNC ({told["uidvalidity"]} 1 1:{n} (1:{n} 1:{n})))')


@scenario("COPY of n messages with n/2 sets of flags", 1000)
def copy_sets(place, n):
    letters = "abcdefghijklmnopqrstuvwxyz"
    place.client.ok("CREATE There")
    place.client.append("INBOX", b"x\r\n", "(" + " ".join(f"k{i}" for i in range(26)) + ")")

    def flags(i):
        return "".join(letter for bit, letter in enumerate(letters) if (i // 2) >> bit & 1)

    place.files(n, flags=flags)
    place.client.select("INBOX")
    return place.ok("COPY 1:* There")


@scenario("n keywords in one STORE", 10)
def keywords_at_once(place, n):
    place.message(b"Subject: m\n\nx\n")
    return place.ok(f"STORE 1 +FLAGS ({' '.join(f'word{i}' for i in range(n))})")


@scenario("50 STOREs beside n messages with a 30th keyword", 1000, at_most=0.3)
def keyword_log(place, n):
    place.files(n)
    place.client.select("INBOX")
    place.client.ok(f"STORE 1:* +FLAGS.SILENT ({' '.join(f'word{i}' for i in range(30))})")
    return place.ok(*[f"STORE {i} +FLAGS (\\Flagged)" for i in range(1, 51)])


@scenario("50 EXPUNGEs of one in n/2 runs, 20 sessions in IDLE", 4000, at_most=0.5)
def expunge_runs(place, n):
    place.files(n)
    place.client.select("INBOX")
    place.client.ok("STORE " + ",".join(str(i) for i in range(2, n, 2)) + " +FLAGS.SILENT (\\Deleted)")
    place.client.ok("EXPUNGE")
    place.watchers = [place.posthouse.connect(place.name) for _ in range(20)]
    for watcher in place.watchers:
        watcher.select("INBOX")
        watcher.send(b"i IDLE\r\n")
        watcher.read()
    uids = place.client.uids()[-60:-10]
    place.client.ok(f"UID STORE {uids[0]}:{uids[-1]} +FLAGS.SILENT (\\Deleted)")
    return place.ok(*[f"UID EXPUNGE {uid}" for uid in uids])


@scenario("SEARCH OR SEEN SUBJECT, flags alternating", 2000)
def search_or(place, n):
    place.files(n, flags=lambda i: "S" if i % 2 else "")
    place.client.select("INBOX")
    place.client.ok("SEARCH SUBJECT m")
    return place.ok("SEARCH OR SEEN SUBJECT nothing")


@scenario("100 SUBSCRIBEs beside n names", 500, at_most=0.6)
def subscribe(place, n):
    place.client.ok("CREATE Some")
    (place.maildir / "courierimapsubscribed").write_text("".join(f"INBOX.name{i}\n" for i in range(n)))
    return place.ok(*["SUBSCRIBE Some", "UNSUBSCRIBE Some"] * 50)


@scenario("CREATE and SELECT n folders", 50)
def folders(place, n):
    return place.ok(*[f"{verb} f{i}" for i in range(n) for verb in ("CREATE", "SELECT")])


@scenario("LIST of n folders with STATUS", 50)
def list_status(place, n):
    for i in range(n):
        place.client.ok(f"CREATE f{i}")
    return place.ok('LIST "" * RETURN (STATUS (MESSAGES UNSEEN))')


@scenario("fetch a message of n bytes in pieces from the end", 500_000, at_most=2.0)
def backwards(place, n):
    place.message(b"Subject: m\n\n" + b"line of text\n" * (n // 13))
    piece = max(n // 40, 1)
    return place.ok(*[f"FETCH 1 BODY.PEEK[]<{i * piece}.{piece}>" for i in reversed(range(40))])


def measure(posthouse, number, n, run):
    place = Place(posthouse, f"scale{number}n{n}@example.test")
    timed = run(place, n)
    before, begun = place.cpu(), time.monotonic()
    timed()
    return place.cpu() - before, time.monotonic() - begun


def exponent(small, large):
    """Of two costs whose sizes differ by four."""
    return math.log(max(large, NOISE) / max(small, NOISE), 4)


def row(posthouse, number, wanted, divide):
    name, first, at_most, run = wanted
    sizes = [max(first * factor // divide, 1) for factor in (1, 4, 16)]
    costs = [measure(posthouse, number, n, run) for n in sizes]
    grows = exponent(costs[1][0], costs[2][0])
    verdict = "yes" if grows <= at_most + MARGIN else "**no**"
    figures = " / ".join(f"{cpu:.2f}" for cpu, _ in costs)
    waited = " / ".join(f"{wall:.2f}" for _, wall in costs)
    return f"| {name} | {' / '.join(f'{n:,}' for n in sizes)} | {figures} | {waited} | {grows:.2f} | {at_most:g} | {verdict} |"


def main():
    parser = argparse.ArgumentParser(description="How costs grow with sizes.")
    parser.add_argument("--only", default="", help="functions' names, with commas")
    parser.add_argument("--small", action="store_true", help="a sixteenth of the sizes")
    parser.add_argument("--out", default="-")
    options = parser.parse_args()
    lines = ["# How costs grow", "", *[line.strip() for line in __doc__.split("\n\n")[2].splitlines()], "",
             "| scenario | sizes | CPU seconds | wall seconds | exponent | at most | met |",
             "| --- | --- | --- | --- | --- | --- | --- |"]
    with tempfile.TemporaryDirectory(prefix="posthouse-scale.") as folder:
        posthouse = Posthouse(pathlib.Path(folder) / "run", MAXPERIP="0", MAXPERUSER="0").start()
        try:
            for number, wanted in enumerate(SCENARIOS):
                if options.only and wanted[3].__name__ not in options.only.split(","):
                    continue
                try:
                    lines.append(row(posthouse, number, wanted, 16 if options.small else 1))
                except Exception as e:      # pylint: disable=broad-except
                    lines.append(f"| {wanted[0]} | | failed: {e!r:.80} | | | {wanted[2]:g} | **no** |")
                print(lines[-1], file=sys.stderr, flush=True)
        finally:
            posthouse.stop()
    text = "\n".join(lines) + "\n"
    if options.out == "-":
        print(text)
    else:
        pathlib.Path(options.out).write_text(text)


if __name__ == "__main__":
    main()
