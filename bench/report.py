#!/usr/bin/python3
"""Make bench/RESULTS.md of the lines that loadgen printed.

    report.py RESULTS KIND      RESULTS: `server scenario name=value ...` lines
                                KIND: how CPU was accounted (group.sh)

A row's figure is what the scenario is about: server CPU per operation unless
the table below says otherwise. Ratios are to the better of the two Dovecots.
"""

import os
import platform
import sys
from typing import NamedTuple

SERVERS = ("plain", "tuned", "ours")


class Row(NamedTuple):
    scenario: str
    title: str
    limits: dict            # what ours may need at most ("rate": at least)
    count: int = 1          # operations that make one of the title's


ROWS = (
    Row("login-plain", "connect, LOGIN, LOGOUT, plaintext, 32 at once", {"cpu_ms": 0.6}),
    Row("login-tls", "the same over TLS 1.3, no resumption", {"cpu_ms": 1.2}),
    Row("idle-1000", "1,000 sessions in IDLE over TLS: memory each", {"each_kib": 25}),
    Row("idle-5000", "5,000 sessions in IDLE over TLS: memory each", {"each_kib": 25}),
    Row("notice-append", "notice to 200 watchers of one folder, APPEND", {"median_ms": 20, "last_ms": 60}),
    Row("notice-file", "the same, a file into `new/`", {"median_ms": 20, "last_ms": 60}),
    Row("append", "APPEND 8 KiB durable, 16 sessions", {"cpu_ms": 0.8, "rate": 2000}),
    Row("select-10k", "SELECT warm, 10,000 messages", {"cpu_ms": 0.5}),
    Row("select-100k", "SELECT warm, 100,000 messages", {"cpu_ms": 0.5}),
    Row("flags-100k", "FETCH 1:* (FLAGS), 100,000", {"cpu_ms": 40}),
    Row("structure-warm", "FETCH 1:* (ENVELOPE BODYSTRUCTURE INTERNALDATE RFC822.SIZE FLAGS), 10,000, warm",
        {"cpu_ms": 76}),
    Row("structure-cold", "the same, cold, SELECT included", {"cpu_ms": 700}),
    Row("bodies-plain", "FETCH 1:* BODY.PEEK[], 10,000, plaintext", {"cpu_ms": 315}),
    Row("bodies-tls", "the same over TLS", {"cpu_ms": 450}),
    Row("big-tls", "one 50 MiB message, TLS", {"cpu_ms": 150}),
    Row("search", "SEARCH TEXT rare word, 10,000", {"cpu_ms": 500}),
    Row("store-all", "STORE 1:* ±FLAGS, 10,000", {"cpu_ms": 220}),
    Row("store-single", "single STOREs from 16 sessions in one folder of 320", {"cpu_ms": 0.25}),
    Row("store-single-10k", "the same in a folder of 10,000", {"cpu_ms": 0.25}),
    Row("mix", "50 clients in a session mix, per command", {"cpu_ms": 0.4}),
    Row("pop3-plain", "POP3 RETR, 1,000 x 8 KiB, plaintext, all", {"cpu_ms": 0.105}, count=1000),
    Row("pop3-tls", "the same over TLS", {"cpu_ms": 0.25}, count=1000),
)

HOW = {
    "cgroup1": "cgroup v1 `cpuacct`, which counts every process that ever ran for a server",
    "cgroup2": "cgroup v2 `cpu.stat`, which counts every process that ever ran for a server",
    "tree": "the process tree's user and system time (no cgroup could be made), exact to 10 ms",
}


def read(path):
    """{(server, scenario): {name: number, or text for "skipped" and "failed"}}"""
    found = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            server, scenario, rest = line.rstrip("\n").split(" ", 2)
            if rest.startswith(("skipped=", "failed=")):
                kind, text = rest.split("=", 1)
                found[server, scenario] = {kind: text}
            else:
                found[server, scenario] = {k: float(v) for k, v in (w.split("=") for w in rest.split())}
    return found


def number(value):
    """Three significant digits at most, without an exponent."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def metrics(row):
    """What a row shows: the names of its figures, the decisive one first."""
    if row.scenario.startswith("idle"):
        return ["each_kib"]
    if row.scenario.startswith("notice"):
        return ["median_ms", "last_ms"]
    return ["cpu_ms", "rate"] if "rate" in row.limits else ["cpu_ms"]


def text(name, value):
    return {"each_kib": "{} KiB", "median_ms": "{} ms median", "last_ms": "{} ms last", "cpu_ms": "{} ms",
            "rate": "{}/s"}[name].format(number(value))


def cell(row, result):
    if not result:
        return ""
    for kind in ("skipped", "failed"):
        if kind in result:
            return f"{kind}: {result[kind]}"
    words = [text(m, result[m] * (row.count if m == "cpu_ms" else 1)) for m in metrics(row)]
    if "total_kib" in result:
        words.append(f"{number(result['total_kib'] / 1024)} MiB in all")
    return ", ".join(words)


def wall_of(row, result):
    """Milliseconds of wall time per operation; for memory there is none."""
    if row.scenario.startswith("notice"):
        return result["median_ms"]
    return None if row.scenario.startswith("idle") else result["wall_s"] * 1000 / result["ops"]


def ratio(ours, others):
    others = [o for o in others if o]
    return number(ours / min(others)) if ours and others else ""


def usable(result):
    return result if result and not result.keys() & {"skipped", "failed"} else None


def verdict(row, ours, plain):
    """Met, or by how much not; and never worse than Dovecot as it comes."""
    if not ours or "skipped" in ours:
        return ""
    if "failed" in ours:
        return "**no**"
    misses = []
    for name, limit in row.limits.items():
        value = ours[name]
        if (value < limit) if name == "rate" else (value > limit):
            misses.append(f"{number(value / limit)} x")
    main = metrics(row)[0]
    if plain and main in plain and ours[main] > plain[main]:
        misses.append("worse than as it comes")
    return "**no**: " + ", ".join(misses) if misses else "yes"


def at_most(row):
    words = []
    for name, limit in row.limits.items():
        words.append(("at least " if name == "rate" else "") + text(name, limit * (row.count if name == "cpu_ms" else 1)))
    return ", ".join(words)


def table(found):
    yield ("| scenario | Dovecot as it comes | Dovecot tuned | Posthouse | CPU or memory, of the better Dovecot's"
           " | wall time, likewise | at most | met |")
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for row in ROWS:
        results = [found.get((server, row.scenario)) for server in SERVERS]
        if not any(results):
            continue
        good = [usable(r) for r in results]
        key = "each_kib" if row.scenario.startswith("idle") else "cpu_ms"
        cost = [r and r[key] for r in good]
        wall = [r and wall_of(row, r) for r in good]
        yield "| " + " | ".join([
            row.title, *(cell(row, r) for r in results), ratio(cost[2], cost[:2]), ratio(wall[2], wall[:2]),
            at_most(row), verdict(row, results[2], good[0])]) + " |"


def details(found):
    yield ("| scenario | server | operations | seconds | server CPU per op. | client CPU per op. | median | p95 | max"
           " | CPUs busy with other things |")
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for row in ROWS:
        for server in SERVERS:
            r = found.get((server, row.scenario))
            if not r or "ops" not in r:
                continue
            latencies = [f"{number(r[m])} ms" if m in r else "" for m in ("median_ms", "p95_ms", "max_ms")]
            yield "| " + " | ".join([row.scenario, server, number(r["ops"]), number(r["wall_s"]), f"{number(r['cpu_ms'])} ms",
                                     f"{number(r['client_cpu_ms'])} ms", *latencies, number(r["others"])]) + " |"


def main():
    found = read(sys.argv[1])
    print(f"""# Posthouse and Dovecot side by side

Written by `bench/run.sh` in one run, on the same generated mail, one server after the other, on a machine with
{os.cpu_count()} cores and Linux {platform.release().split('-')[0]}. Figures are the server's CPU time per operation (all its processes;
Posthouse's include Redis) unless they say otherwise. CPU was taken from {HOW[sys.argv[2]]}. Memory is
the growth of the sum of all processes' PSS (kernel buffers not counted), and that sum. Dovecot tuned: `imap-login` with `service_count=0`, `imap` and `pop3` with
`service_count=1000`, `imap_hibernate_timeout=2s`. Both have their connection and process limits raised.
""")
    print("\n".join(table(found)))
    print("\n## Operations, wall time, latencies\n")
    print("\n".join(details(found)))


if __name__ == "__main__":
    main()
