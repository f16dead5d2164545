"""A cluster of one machine: pods, their names and addresses, and what controllers do with them."""

import glob
import json
import signal
import subprocess
import threading
import time

import network
from pod import Pod

DNS_ADDRESS = "10.244.0.2"
DOMAIN = "cluster.local"


class NameServer:
    """Stands for CoreDNS: a pod of kube-system as far as policies see."""

    namespace, labels = "kube-system", {"k8s-app": "kube-dns"}
    address, ready, ending, gone = DNS_ADDRESS, True, False, False

    def __init__(self, folder):
        self.hosts = folder / "hosts"
        self.hosts.write_text("")
        said = folder / "log" / "dns.log"
        with open(said, "wb") as log:
            self.process = subprocess.Popen(
                ["unshare", "-n", "sh", "-c", "read go; ip link set lo up; ip link set eth0 up; "
                 f"ip address add {DNS_ADDRESS}/32 dev eth0; ip route add {network.GATEWAY} dev eth0 scope link; "
                 f"ip route add default via {network.GATEWAY} dev eth0; "
                 "exec dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --no-daemon --user=root "
                 f"--pid-file= --local=/{DOMAIN}/ --addn-hosts={self.hosts} --no-negcache --cache-size=0 2>&1"],
                stdin=subprocess.PIPE, stdout=log, stderr=log)
        time.sleep(0.2)                 # until unshare has made the namespace
        network.connect(0, DNS_ADDRESS, self.process.pid)
        self.process.stdin.write(b"go\n")
        self.process.stdin.close()
        while "names" not in said.read_text():
            assert self.process.poll() is None, said.read_text()
            time.sleep(0.02)            # before that, SIGHUP would be its end

    def tell(self, records):
        text = "".join(f"{address} {name}\n" for name, address in records)
        if text != self.hosts.read_text():
            self.hosts.write_text(text)
            self.process.send_signal(signal.SIGHUP)


class Cluster:
    """Everything that is shared. `changed` brings Services, policies and names up to date."""

    def __init__(self, manifests, folder, build):
        self.manifests, self.dir, self.build = manifests, folder, build
        self.lock = threading.RLock()
        self.pods, self.numbers, self.failures = [], 2, []
        self.began = time.monotonic()
        self.postgresql_programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        (folder / "log").mkdir(parents=True)
        network.set_up()
        self.services = manifests.of_kind("Service")
        self.addresses = {s["metadata"]["name"]: f"10.96.0.{10 + i}" for i, s in enumerate(self.services)}
        self.names = NameServer(folder)
        self.workloads = {w["metadata"]["name"]: w for w in
                          manifests.of_kind("StatefulSet") + manifests.of_kind("Deployment")}

    def say(self, text):
        print(f"{time.monotonic() - self.began:6.1f}  {text}", flush=True)

    def fail(self, text):
        self.say("FAILED: " + text)
        self.failures.append(text)

    # What pods need of it.

    def new_address(self):
        with self.lock:
            self.numbers += 1
            return self.numbers, f"10.244.0.{self.numbers}"

    def connect(self, number, address, pid):
        network.connect(number, address, pid)

    def resolv_conf(self, namespace):
        return f"nameserver {DNS_ADDRESS}\nsearch {namespace}.svc.{DOMAIN} svc.{DOMAIN} {DOMAIN}\noptions ndots:5\n"

    def records(self):
        for service in self.services:
            name = f"{service['metadata']['name']}.{service['metadata']['namespace']}.svc.{DOMAIN}"
            if service["spec"].get("clusterIP") != "None":
                yield name, self.addresses[service["metadata"]["name"]]
                continue
            for pod in network.endpoints(service, self.pods):
                yield name, pod.address
                yield f"{pod.name}.{name}", pod.address

    def changed(self):
        with self.lock:
            self.pods = [p for p in self.pods if not p.gone]
            policies = self.manifests.of_kind("NetworkPolicy")
            network.apply(network.ruleset(self.services, self.addresses, policies, self.pods + [self.names]))
            self.names.tell(list(self.records()))

    def refused(self):
        """Packets that a policy has dropped since the last change."""
        told = json.loads(subprocess.run(["nft", "-j", "list", "counter", "ip", "rehearsal", "refused"],
                                         check=True, capture_output=True, text=True).stdout)
        return next(o["counter"]["packets"] for o in told["nftables"] if "counter" in o)

    # Controllers.

    def of(self, name):
        return [p for p in self.pods if p.workload == name and not p.ending]

    def add(self, workload, name):
        with self.lock:
            pod = Pod(self, workload, name)
            self.pods.append(pod)
            self.changed()
        pod.start()
        return pod

    def wait_ready(self, pods, seconds=60):
        deadline = time.monotonic() + seconds
        while not all(p.ready for p in pods):
            if time.monotonic() > deadline:
                late = ", ".join(p.name for p in pods if not p.ready)
                raise RuntimeError(f"{late}: not ready after {seconds} s")
            time.sleep(0.05)

    def deploy(self, name):
        """A workload's first pods; a StatefulSet's one after the other."""
        workload = self.workloads[name]
        self.scale(name, self.manifests.replicas(workload))

    def scale(self, name, replicas):
        workload = self.workloads[name]
        ordered = workload["kind"] == "StatefulSet"
        while len(self.of(name)) < replicas:
            pod = self.add(workload, f"{name}-{len(self.of(name))}" if ordered else f"{name}-{self.numbers:x}")
            if ordered:
                self.wait_ready([pod])
        self.wait_ready(self.of(name))
        # The youngest go first.
        self.end_all(self.of(name)[replicas:])

    def end_all(self, pods):
        threads = [threading.Thread(target=p.end) for p in pods]
        for t in threads:
            t.start()
        for t in threads:
            t.join()

    def restart(self, name):
        """kubectl rollout restart."""
        workload = self.workloads[name]
        if workload["kind"] == "StatefulSet":
            for old in sorted(self.of(name), key=lambda p: p.name, reverse=True):
                old.end()
                self.wait_ready([self.add(workload, old.name)])
            return
        # maxSurge 1, maxUnavailable 0: one more is ready before one less is there. An ending pod is not waited for.
        ending = []
        for old in self.of(name):
            self.wait_ready([self.add(workload, f"{name}-{self.numbers:x}")])
            ending.append(threading.Thread(target=old.end))
            ending[-1].start()
        for t in ending:
            t.join()

    def crashes(self):
        return [f"{p.name} was started again {p.crashes} times" for p in self.pods if p.crashes > p.meant]
