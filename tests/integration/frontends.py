"""A frontend beside those of a running Posthouse, for settings that others must not see."""

import os
import re
import signal
import socket
import subprocess
import time

SANITIZER_REPORT = re.compile(r"Sanitizer: |runtime error: ")


def free_ports(count):
    """Ports that are free now."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


class Frontend:
    """One process. `address`: what it listens on."""

    def __init__(self, posthouse, log, address="127.0.0.1", **settings):
        self.posthouse, self.log, self.address = posthouse, log, address
        self.imap, self.imaps, self.pop3, self.pop3s, self.http = free_ports(5)
        self.settings = {
            "IMAP_LISTEN": f"{address}:{self.imap}", "IMAPS_LISTEN": f"{address}:{self.imaps}",
            "POP3_LISTEN": f"{address}:{self.pop3}", "POP3S_LISTEN": f"{address}:{self.pop3s}",
            "HTTP_LISTEN": f"127.0.0.1:{self.http}", "LISTEN": "",
            "AUTH": "ipc://sock/authsvc", "STORES": "store1=ipc://sock/storesvc",
            "REDIS_URL": "unix://sock/redis.sock", "LOOPS": "2", "DRAIN_SECONDS": "1",
            "TLS_CERTFILE": str(posthouse.run_dir / "keys" / "posthouse.pem"), **settings}
        self.process = None

    def start(self, wait=True):
        program = self.posthouse.environment["BUILD"] + "/bin/posthouse-frontend"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [program, "--config=/dev/null"], cwd=self.posthouse.run_dir, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=dict(os.environ, **self.settings))
        deadline = time.monotonic() + 20
        while wait and not self.answers():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.02)
        return self

    def get(self, page):
        """The whole answer of its HTTP side."""
        with socket.create_connection(("127.0.0.1", self.http), timeout=5) as s:
            s.sendall(b"GET %s HTTP/1.0\r\n\r\n" % page.encode())
            return s.makefile("rb").read().decode()

    def answers(self):
        """Has it what it needs? Asked where no PROXY header is expected."""
        try:
            return " 200 " in self.get("/readyz").split("\n", 1)[0]
        except OSError:
            return False

    def metric(self, series):
        """The value of "name{labels}", 0 when there is none."""
        for line in self.get("/metrics").splitlines():
            if line.startswith(series + " "):
                return float(line.rsplit(" ", 1)[1])
        return 0.0

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def log_text(self):
        return self.log.read_text(errors="replace")

    def logged(self, pattern, seconds=15):
        """The first match of `pattern` in the log, which may be yet to come."""
        deadline = time.monotonic() + seconds
        while not (found := re.search(pattern, self.log_text())):
            assert time.monotonic() < deadline, f"{pattern!r} is not in the log:\n{self.log_text()[-3000:]}"
            time.sleep(0.02)
        return found

    def eventually(self, series, value, seconds=15):
        """Wait until the metric has that value."""
        deadline = time.monotonic() + seconds
        while (now := self.metric(series)) != value:
            assert time.monotonic() < deadline, f"{series} is {now}"
            time.sleep(0.02)

    def sanitizer_reports(self):
        return self.log_text() if SANITIZER_REPORT.search(self.log_text()) else ""
