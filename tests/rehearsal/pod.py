"""One pod: a process in its own network and root, tended as a kubelet would."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

from manifests import port_number

HERE = pathlib.Path(__file__).resolve().parent
PATH = "/opt/posthouse/bin:{postgresql}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"

# What images of others bring: what starts when a manifest names no command, and the signal that ends it.
ENTRYPOINTS = {"postgres": HERE / "postgres-entrypoint.sh"}
STOP_SIGNALS = {"postgres": signal.SIGINT}


class Pod:
    """
    Pending, then running, then ready or not, then ending, then gone. `changed` is called whenever what the cluster must know
    of the pod has changed.
    """

    def __init__(self, cluster, workload, name):
        self.cluster, self.name = cluster, name
        self.workload = workload["metadata"]["name"]
        self.spec = workload["spec"]["template"]["spec"]
        self.labels = workload["spec"]["template"]["metadata"]["labels"]
        self.namespace = workload["metadata"]["namespace"]
        self.claims = workload["spec"].get("volumeClaimTemplates", [])
        self.container = self.spec["containers"][0]
        self.image = self.container["image"].split(":")[0]
        self.started = self.ready = self.ending = self.gone = False
        self.crashes, self.meant = 0, 0         # times that it had to be started again, and that we made it so
        self.number, self.address = cluster.new_address()
        self.dir = cluster.dir / "pods" / f"{name}.{self.number}"
        self.log = cluster.dir / "log" / f"{name}.log"
        self.environment = dict(cluster.manifests.environment(self.container, name, self.address),
                                PATH=PATH.format(postgresql=cluster.postgresql_programs), HOSTNAME=name)
        self.process = None
        self.lock = threading.Lock()
        self.wake = threading.Event()
        self.keeper = threading.Thread(target=self.tend, daemon=True)

    # What it is given.

    def identity(self):
        """setpriv's arguments for the security context: the container's over the pod's."""
        pod, own = self.spec.get("securityContext", {}), self.container.get("securityContext", {})
        user, group = (own.get(f, pod.get(f)) for f in ("runAsUser", "runAsGroup"))
        assert pod.get("runAsNonRoot") and user and group, f"{self.name} would run as root"
        groups = pod.get("fsGroup", group)
        argv = ["setpriv", f"--reuid={user}", f"--regid={group}", f"--groups={groups}"]
        if own.get("capabilities", {}).get("drop") == ["ALL"]:
            argv += ["--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all"]
        if own.get("allowPrivilegeEscalation") is False:
            argv += ["--no-new-privs"]
        return argv + ["--"]

    def own_volume(self, path):
        """A directory as fsGroup makes it."""
        path.mkdir(parents=True, exist_ok=True)
        os.chown(path, 0, self.spec["securityContext"].get("fsGroup", self.spec["securityContext"]["runAsGroup"]))
        path.chmod(0o2770)
        return path

    def projected_volume(self, path, volume):
        """Files behind a link that is replaced when they change, as kubelets do it."""
        source = volume.get("secret") or volume["configMap"]
        data = path / f"..{time.time_ns()}"
        data.mkdir(parents=True)
        for name, content in self.cluster.manifests.files(volume).items():
            file = data / name
            file.write_bytes(content)
            os.chown(file, 0, self.spec["securityContext"].get("fsGroup", 0))
            file.chmod(source.get("defaultMode", 0o644))
            if not (path / name).is_symlink():
                (path / name).symlink_to("..data/" + name)
        (path / "..data_tmp").symlink_to(data.name)
        (path / "..data_tmp").rename(path / "..data")
        return path

    def secret_changed(self, name):
        for volume in self.spec.get("volumes", []):
            if volume.get("secret", {}).get("secretName") == name:
                self.projected_volume(self.dir / "volumes" / volume["name"], volume)

    def volume(self, name):
        if any(claim["metadata"]["name"] == name for claim in self.claims):
            return self.own_volume(self.cluster.dir / "volumes" / f"{name}-{self.name}")
        volume = next(v for v in self.spec["volumes"] if v["name"] == name)
        path = self.dir / "volumes" / name
        if "emptyDir" in volume:
            return self.own_volume(path)
        return path if path.exists() else self.projected_volume(path, volume)

    def plan(self):
        """What pod_init.py needs."""
        entrypoint = ENTRYPOINTS.get(self.image)
        command = self.container.get("command") or ["/entrypoint.sh"]
        return {
            "name": self.name, "address": self.address, "root": str(self.dir / "root"), "log": str(self.log),
            "build": str(self.cluster.build), "resolv_conf": self.cluster.resolv_conf(self.namespace),
            "argv": self.identity() + command + self.container.get("args", []), "environment": self.environment,
            "files": [] if self.container.get("command") else [[str(entrypoint), "/entrypoint.sh"]],
            "mounts": [{"source": str(self.volume(m["name"])), "path": m["mountPath"],
                        "read_only": m.get("readOnly", False)} for m in self.container.get("volumeMounts", [])],
            "read_only_root": self.container["securityContext"].get("readOnlyRootFilesystem", False),
        }

    # Its life.

    def start(self):
        self.run()
        self.keeper.start()

    def run(self):
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "pod_init.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(json.dumps(self.plan()) + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "network\n", f"{self.name} has no network"
        self.cluster.connect(self.number, self.address, self.process.pid)
        self.process.stdin.write("go\n")
        self.process.stdin.close()

    def set_ready(self, ready):
        if self.ready != ready:
            self.ready = ready
            self.cluster.changed()

    def inside(self, argv, timeout, output=subprocess.DEVNULL):
        """A program run in the pod, as an exec probe or hook is; its status."""
        try:
            return subprocess.run(
                ["nsenter", "-t", str(self.process.pid), "-n", "-m", "-u", "-r", "-w"] + self.identity() + argv,
                env=self.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=timeout).returncode
        except subprocess.TimeoutExpired:
            return -1

    def probe(self, probe):
        timeout = probe.get("timeoutSeconds", 1)
        if "exec" in probe:
            return self.inside(probe["exec"]["command"], timeout) == 0
        where = probe.get("httpGet") or probe["tcpSocket"]
        port = port_number(self.container, where["port"])
        try:
            if "tcpSocket" in probe:
                socket.create_connection((self.address, port), timeout=timeout).close()
                return True
            connection = http.client.HTTPConnection(self.address, port, timeout=timeout)
            connection.request("GET", where["path"])
            return 200 <= connection.getresponse().status < 400
        except (OSError, http.client.HTTPException):
            return False

    def tend(self):
        """Probes until the end: starting, then ready and alive; a process that died or hangs is started again."""
        probes = {kind: self.container.get(kind + "Probe") for kind in ("startup", "readiness", "liveness")}
        failures = dict.fromkeys(probes, 0)
        due = dict.fromkeys(probes, 0.0)

        def fails(kind):
            """Is it time for this probe, and has it failed as often as it may? None: not known yet."""
            probe = probes[kind]
            if not probe:
                return False
            if time.monotonic() < due[kind]:
                return None
            due[kind] = time.monotonic() + probe.get("periodSeconds", 10)
            failures[kind] = 0 if self.probe(probe) else failures[kind] + 1
            if failures[kind] == 0:
                return False
            return True if failures[kind] >= probe.get("failureThreshold", 3) else None

        while not self.ending:
            if self.process.poll() is not None:
                self.restart(f"ended with status {self.process.returncode}")
            elif not self.started:
                outcome = fails("startup")
                self.started = outcome is False
                if outcome:
                    self.restart("did not start in time")
            else:
                outcome = fails("readiness")
                if outcome is not None and not self.ending:
                    self.set_ready(not outcome)
                if fails("liveness"):
                    self.restart("hangs")
            self.wake.wait(0.2)

    def restart(self, why):
        with self.lock:
            if self.ending:
                return
            self.crashes += 1
            self.cluster.say(f"{self.name} {why}: starting it again")
            self.process.kill()
            self.process.wait()
            self.started = False
            self.set_ready(False)
            time.sleep(1)
            self.run()

    def kill(self):
        """As a machine out of memory does it. Back when it is started again and ready."""
        self.meant += 1
        before = self.crashes
        self.process.kill()
        while self.crashes == before:
            time.sleep(0.05)
        self.cluster.wait_ready([self])

    def end(self):
        """As a deletion goes: out of the Services, the hook, SIGTERM, patience, SIGKILL."""
        with self.lock:
            self.ending = True
        self.wake.set()
        self.cluster.changed()
        grace = self.spec.get("terminationGracePeriodSeconds", 30)
        over = time.monotonic() + grace
        hook = self.container.get("lifecycle", {}).get("preStop")
        if hook:
            status = self.inside(hook["exec"]["command"], grace)
            if status != 0:
                self.cluster.fail(f"{self.name}: its preStop hook failed ({status})")
        self.process.send_signal(STOP_SIGNALS.get(self.image, signal.SIGTERM))
        try:
            self.process.wait(max(over - time.monotonic(), 2))
        except subprocess.TimeoutExpired:
            self.cluster.fail(f"{self.name} was still there after {grace} s and had to be killed")
            self.process.kill()
            self.process.wait()
        if self.process.returncode not in (0, -signal.SIGTERM):
            self.cluster.fail(f"{self.name} ended with status {self.process.returncode}")
        self.keeper.join()
        self.gone = True
        self.cluster.changed()
        shutil.rmtree(self.dir, ignore_errors=True)
