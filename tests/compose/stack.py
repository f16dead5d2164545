"""Everything in deploy/docker/compose.yaml, as one running project of its own."""

import ipaddress
import json
import os
import pathlib
import random
import socket
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCKER = ROOT / "deploy" / "docker"

PORTS = ("IMAP_PORT", "IMAPS_PORT", "POP3_PORT", "POP3S_PORT", "PROMETHEUS_PORT")
FIRST_START = 180               # seconds: a database is made, a dozen containers come up
HEALTHY_WITHIN = 60


def free_port():
    """One below those that outgoing connections take by themselves."""
    while True:
        port = random.randrange(10000, 30000)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def docker(*args, check=True):
    """What `docker ARGS` prints."""
    done = subprocess.run(("docker",) + args, check=False, capture_output=True, text=True)
    if check and done.returncode != 0:
        raise AssertionError(f"docker {' '.join(args)}: {done.stderr}")
    return done.stdout.strip()


def wait_until(happened, what, timeout=HEALTHY_WITHIN):
    """The first true answer of `happened()`."""
    deadline = time.monotonic() + timeout
    while not (answer := happened()):
        assert time.monotonic() < deadline, f"{what}: not within {timeout} s"
        time.sleep(0.1)
    return answer


class Container:
    """One container; it keeps its name when it is killed and started again."""

    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return self.name

    def inspect(self):
        return json.loads(docker("inspect", self.name))[0]

    def address(self, network):
        """On the network of that name; empty while it does not run."""
        networks = self.inspect()["NetworkSettings"]["Networks"]
        return next(n["IPAddress"] for name, n in networks.items() if name.endswith("_" + network))

    def is_healthy(self):
        return self.inspect()["State"].get("Health", {}).get("Status") == "healthy"

    def kill(self):
        docker("kill", self.name)

    def start(self):
        docker("start", self.name)
        wait_until(self.is_healthy, f"{self.name} healthy")

    def run(self, *command):
        """What a command in it prints."""
        return docker("exec", self.name, *command)

    def log(self):
        done = subprocess.run(("docker", "logs", self.name), check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        return done.stdout

    def metric(self, sample):
        """The sum over all samples of /metrics that begin so."""
        url = f"http://{self.address('calls')}:9100/metrics"
        with urllib.request.urlopen(url, timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(sample))


class Stack:
    """The project. Its ports, its network and its volumes are its own."""

    def __init__(self):
        self.project = f"posthousetest{os.getpid()}"
        self.ports = {name: free_port() for name in PORTS}
        self.edge = ipaddress.ip_network(f"10.143.{random.randrange(1, 256)}.0/24")
        self.environment = dict(
            os.environ, COMPOSE_PROJECT_NAME=self.project, EDGE_NETWORK=str(self.edge),
            DRAIN_SECONDS="4s", **{name: str(port) for name, port in self.ports.items()})
        self.files = ["compose.yaml"]

    def compose(self, *args):
        files = [word for name in self.files for word in ("-f", str(DOCKER / name))]
        done = subprocess.run(
            ["docker-compose", "--project-directory", str(DOCKER), *files, *args], env=self.environment,
            check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=FIRST_START)
        assert done.returncode == 0, f"docker-compose {' '.join(args)}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def up(self, *args):
        """What `docker compose up` does; it is over when everything is healthy."""
        self.compose("up", "--detach", "--no-build", *args)
        for container in self.containers():
            wait_until(container.is_healthy, f"{container} healthy")

    def down(self, *args):
        self.compose("down", *args)

    def containers(self, service=None):
        """Those that run, of one service or of all."""
        wanted = [f"label=com.docker.compose.project={self.project}"]
        if service:
            wanted.append(f"label=com.docker.compose.service={service}")
        names = docker("ps", "--format", "{{.Names}}", *[f"--filter={w}" for w in wanted])
        return [Container(name) for name in sorted(names.split())]

    def one(self, service):
        (container,) = self.containers(service)
        return container

    def logs(self):
        return self.compose("logs", "--no-color", "--tail=25")

    def prometheus(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['PROMETHEUS_PORT']}{path}", timeout=10) as answer:
            return answer.read().decode()
