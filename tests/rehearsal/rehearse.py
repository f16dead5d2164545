"""The rehearsal: an overlay's pods on one machine, restarted and scaled under clients' eyes.

	usage: rehearse.py OVERLAY BUILD FOLDER [--short]

To be run by run.sh, which gives it namespaces that vanish with it.
"""

import base64
import concurrent.futures
import itertools
import json
import pathlib
import shutil
import ssl
import subprocess
import sys
import time
import urllib.request

import network
from cluster import Cluster
from manifests import Manifests, load, render, stand_ins

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACCOUNTS = [f"client{n}" for n in range(6)]
CLIENTS_ADDRESS = "198.51.100.7"
# What others stand on comes first.
ORDER = ("redis", "postgresql", "storesvc", "authsvc", "outboxsvc", "frontend")


class Clients:
    """clients.py in a namespace of its own, outside of the cluster."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.process = subprocess.Popen(
            ["unshare", "-n", "sh", "-c", "read go; ip link set eth0 up; "
             f"ip address add {CLIENTS_ADDRESS}/32 dev eth0; ip route add {network.GATEWAY} dev eth0 scope link; "
             f"ip route add default via {network.GATEWAY} dev eth0; exec \"$@\"", "clients",
             sys.executable, str(pathlib.Path(__file__).with_name("clients.py")), network.LOAD_BALANCER] + ACCOUNTS,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        time.sleep(0.2)
        network.connect(1, CLIENTS_ADDRESS, self.process.pid)
        self.ask("go")

    def ask(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def answer(self):
        return json.loads(self.process.stdout.readline())

    def phase(self):
        self.ask("phase")
        return self.answer()


def make_accounts(cluster):
    """As an operator would, with SQL."""
    stores = ", ".join(f"('{p.name}')" for p in cluster.of("storesvc"))
    hashed = [(a, subprocess.run(["openssl", "passwd", "-5", a], check=True, capture_output=True, text=True).stdout.strip())
              for a in ACCOUNTS]
    rows = ", ".join(f"('{a}', '{{CRYPT}}{h}', 0, 0, '/var/mail/posthouse/{a}')" for a, h in hashed)
    pod = cluster.of("postgresql")[0]
    sql = (f"INSERT INTO stores (name) VALUES {stores} ON CONFLICT DO NOTHING; "
           f"INSERT INTO passwd (id, crypt, uid, gid, home) VALUES {rows}")
    argv = ["psql", "-q", "-h", "/run/postgresql", "-U", "posthouse", "-c", sql, "posthouse"]
    assert pod.inside(argv, 20) == 0, "the accounts cannot be made"


class Play:
    """One act after the other, and what clients may see of each."""

    def __init__(self, cluster, clients):
        self.cluster, self.clients = cluster, clients

    def act(self, title, do, reconnects=False, refusals=False, cuts=False):
        self.clients.phase()
        do()
        time.sleep(2)
        seen = self.clients.phase()
        self.cluster.say(f"{title}: {seen['commands']} commands, longest {seen['longest']} s, "
                         f"{seen['notices']} notices, {seen['visits']} visits, {seen['said_bye']} reconnects after BYE, "
                         f"{seen['cut_off']} without, {seen['refused']} refusals, {seen['could_not_connect']} failed connects")
        for what, allowed in (("said_bye", reconnects), ("cut_off", cuts), ("refused", refusals),
                              ("could_not_connect", cuts)):
            if seen[what] and not allowed:
                self.cluster.fail(f"{title}: {what} {seen[what]}: {'; '.join(seen['troubles'])}")
        for what in ("commands", "notices", "visits"):
            if not seen[what]:
                self.cluster.fail(f"{title}: no {what} at all")

    def finish(self):
        self.clients.ask("stop")
        end = self.clients.answer()
        self.clients.process.wait(30)
        for text in end["errors"] + [f"LOST {text}" for text in end["lost"]]:
            self.cluster.fail(text)
        self.cluster.say(f"{end['kept']} messages acknowledged, {len(end['lost'])} lost; {end['unsure']} unanswered when a "
                         "connection went")


def check_policies(cluster):
    """What is allowed works, or nothing would; here is what must not."""
    def reaches(pod, address, port):
        return pod.inside(["bash", "-c", f"exec 3<>/dev/tcp/{address}/{port}"], 3) == 0

    one = {name: cluster.of(name)[0] for name in cluster.workloads}
    allowed = {("frontend", "authsvc"), ("frontend", "storesvc"), ("outboxsvc", "storesvc"), ("authsvc", "postgresql"),
               ("frontend", "redis"), ("authsvc", "redis"), ("storesvc", "redis"), ("outboxsvc", "redis")}
    ports = {"postgresql": 5432, "redis": 6379}

    def check(caller, called):
        port = ports.get(called, 7000)
        if reaches(one[caller], one[called].address, port) != ((caller, called) in allowed):
            cluster.fail(f"{caller} to {called}: the policies say otherwise")

    # All at once: what is refused is not answered, and takes its time.
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        list(pool.map(lambda pair: check(*pair), (pair for pair in itertools.permutations(one, 2)
                                                  if one[pair[0]].namespace != "databases")))
    cluster.say(f"policies: {len(allowed)} ways are open, all others are closed")


def check_patience(cluster):
    """Whoever is told to end has time for its hook and its draining."""
    for pod in cluster.pods:
        hook = pod.container.get("lifecycle", {}).get("preStop")
        if hook:
            needs = int(hook["exec"]["command"][1]) + int(pod.environment["DRAIN_SECONDS"].rstrip("s"))
            if needs >= pod.spec["terminationGracePeriodSeconds"]:
                cluster.fail(f"{pod.name} needs {needs} s to end and is not given more")


def change_certificate(cluster):
    """A renewed certificate in the mounted Secret is what new connections see, without a restart."""
    files = {name: cluster.dir / name for name in ("tls.crt", "tls.key")}
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                    "/CN=renewed", "-days", "2", "-keyout", files["tls.key"], "-out", files["tls.crt"]],
                   check=True, capture_output=True)
    secret = cluster.manifests.get("Secret", "posthouse-tls")
    secret["data"] = {name: base64.b64encode(file.read_bytes()).decode() for name, file in files.items()}
    for pod in cluster.pods:
        pod.secret_changed("posthouse-tls")
    deadline = time.monotonic() + 60
    for pod in cluster.of("frontend"):
        while ssl.get_server_certificate((pod.address, 1993)).strip() != files["tls.crt"].read_text().strip():
            if time.monotonic() > deadline:
                cluster.fail(f"{pod.name} still shows the old certificate")
                return
            time.sleep(0.5)


def check_metric(cluster):
    """What the autoscaler goes by: the sessions that frontends tell of are those that there are."""
    name = cluster.manifests.get("HorizontalPodAutoscaler", "frontend")["spec"]["metrics"][0]["pods"]["metric"]["name"]
    sessions = 0
    for pod in cluster.of("frontend"):
        with urllib.request.urlopen(f"http://{pod.address}:9100/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        sessions += sum(float(line.split()[-1]) for line in lines if line.startswith(name + "{"))
    standing = len(ACCOUNTS) + 3
    if not standing <= sessions <= standing + 2:
        cluster.fail(f"{name} adds up to {sessions:g}, with {standing} clients and a visitor")


def check_operator(cluster):
    """deploy/k8s/posthousectl.yaml: an operator sees every process and every session."""
    one = load((ROOT / "deploy/k8s/posthousectl.yaml").read_text())[0]
    one["metadata"]["namespace"] = cluster.of("frontend")[0].namespace
    workload = {"metadata": one["metadata"], "spec": {"template": {"metadata": one["metadata"], "spec": one["spec"]}}}
    pod = cluster.add(workload, "posthousectl")
    cluster.wait_ready([pod])
    key = pod.volume("key") / "admin.key"
    key.write_bytes((cluster.dir / "secrets" / "admin.key").read_bytes())
    shutil.chown(key, 10001, 10001)
    told = {}
    for command in ("status", "who"):
        answer = cluster.dir / command
        with open(answer, "wb") as output:
            status = pod.inside(["posthousectl", command], 20, output)
        told[command] = answer.read_text()
        if status != 0:
            cluster.fail(f"posthousectl {command} ended with {status}: {told[command]}")
    for name in ("frontend", "authsvc", "storesvc", "outboxsvc"):
        if name not in told["status"]:
            cluster.fail(f"posthousectl status does not know {name}: {told['status']}")
    if missing := [a for a in ACCOUNTS if a not in told["who"]]:
        cluster.fail(f"posthousectl who does not know {missing}: {told['who']}")
    cluster.end_all([pod])


def run(cluster, short):
    for name in ORDER:
        cluster.deploy(name)
        cluster.say(f"{name}: {len(cluster.of(name))} ready")
        if name == "storesvc":
            make_accounts(cluster)
    check_patience(cluster)
    check_policies(cluster)
    clients = Clients(cluster)
    play = Play(cluster, clients)
    play.act("nothing", lambda: time.sleep(2))
    check_metric(cluster)
    check_operator(cluster)
    for name in ("storesvc", "frontend") if short else ORDER:
        play.act(f"restart of {name}", lambda name=name: cluster.restart(name),
                 reconnects=name == "frontend", refusals=name == "postgresql")
    if not short:
        play.act("another certificate", lambda: change_certificate(cluster))
        # A store's commands wait, a login at the dying authsvc must be tried again, a frontend's clients are cut off.
        for name in ("storesvc", "authsvc", "frontend"):
            play.act(f"{name} killed", cluster.of(name)[0].kill, refusals=name == "authsvc", cuts=name == "frontend")
        few = len(cluster.of("frontend"))
        play.act("two frontends more", lambda: cluster.scale("frontend", few + 2))
        clients.ask("come anew")        # so that all of them have some
        play.act("all of them at work", lambda: time.sleep(5))
        play.act("two frontends less", lambda: cluster.scale("frontend", few), reconnects=True)
    play.finish()
    for text in cluster.crashes():
        cluster.fail(text)
    cluster.end_all(list(cluster.pods))


def make_secrets(folder, *options):
    return subprocess.run([str(ROOT / "deploy/k8s/make-secrets.sh"), str(folder), *options],
                          check=True, capture_output=True, text=True).stdout


def gather(overlay, folder):
    """The overlay, its Secrets, and stand-ins for what it expects to be there."""
    objects = render(overlay)
    secrets = make_secrets(folder)
    if not any(o["metadata"]["name"] == "redis" for o in objects):
        objects += stand_ins(overlay.parent / "dev")
        password = (folder / "database-password").read_text()
        secrets = make_secrets(folder, "-d", "host=postgresql.databases.svc.cluster.local dbname=posthouse user=posthouse "
                               "password=" + password)
    return Manifests(objects + load(secrets))


def main():
    overlay, build, folder = (pathlib.Path(a).resolve() for a in sys.argv[1:4])
    cluster = Cluster(gather(overlay, folder / "secrets"), folder, build)
    try:
        run(cluster, "--short" in sys.argv)
    except (RuntimeError, AssertionError) as e:
        cluster.fail(str(e))
    if cluster.failures:
        print(f"\nThe rehearsal failed; logs are in {folder}/log")
        sys.exit(1)
    print("\nThe rehearsal went well.")


main()
