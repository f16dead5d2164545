"""A small IMAP client that hides nothing: bytes out, whole responses in."""

import re
import socket
import ssl

LITERAL = re.compile(rb"\{(\d+)\}\r\n\Z")


class Closed(Exception):
    """The server closed the connection."""


class Refused(Exception):
    """A command was answered with NO or BAD."""


class Response:
    """One response: `line` has every literal in its place, `literals` lists them."""

    def __init__(self, raw, literals):
        self.raw, self.literals = raw, literals
        self.line = raw[:-2]
        self.tag = self.line.split(b" ", 1)[0]

    @property
    def status(self):
        """OK, NO, BAD ... of a tagged response."""
        words = self.line.split(b" ", 2)
        return words[1].upper() if len(words) > 1 else b""

    def __repr__(self):
        return repr(self.line)


class Imap:
    """A connection. Commands return (tagged, [untagged])."""

    def __init__(self, port, tls=False, timeout=60, greet=True, host="127.0.0.1"):
        self.socket = socket.create_connection((host, port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.wrap()
        self.file = self.socket.makefile("rb")
        self.count = 0
        self.greeting = self.read() if greet else None

    def wrap(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.socket = context.wrap_socket(self.socket, server_hostname="localhost")

    def starttls(self):
        self.ok("STARTTLS")
        self.wrap()
        self.file = self.socket.makefile("rb")

    def send(self, data):
        self.socket.sendall(data)

    def read(self):
        raw, literals = b"", []
        while True:
            line = self.file.readline()
            if not line.endswith(b"\n"):
                raise Closed(raw + line)
            raw += line
            size = LITERAL.search(line)
            if not size:
                return Response(raw, literals)
            body = self.file.read(int(size.group(1)))
            if len(body) != int(size.group(1)):
                raise Closed(raw)
            raw += body
            literals.append(body)

    def next_tag(self):
        self.count += 1
        return b"t%d" % self.count

    def collect(self, tag):
        untagged = []
        while True:
            r = self.read()
            if r.tag == tag:
                return r, untagged
            untagged.append(r)

    def command(self, text):
        """`text` without tag; str or bytes. Literals in it must be non-synchronising."""
        text = text.encode() if isinstance(text, str) else text
        tag = self.next_tag()
        self.send(tag + b" " + text + b"\r\n")
        return self.collect(tag)

    def ok(self, text):
        """The untagged responses of a command that must succeed."""
        tagged, untagged = self.command(text)
        if tagged.status != b"OK":
            raise Refused(f"{text!r}: {tagged!r}")
        return untagged

    def login(self, user, password):
        self.ok(f'LOGIN "{user}" "{password}"')
        return self

    def append(self, mailbox, message, options="", synchronising=False):
        """The UID that APPENDUID tells."""
        tag = self.next_tag()
        head = f'APPEND "{mailbox}" {options + " " if options else ""}'.encode()
        plus = b"" if synchronising else b"+"
        self.send(tag + b" " + head + b"{%d%s}\r\n" % (len(message), plus))
        if synchronising:
            r = self.read()
            if r.tag != b"+":
                raise Refused(f"APPEND: {r!r}")
        self.send(message + b"\r\n")
        tagged, _ = self.collect(tag)
        if tagged.status != b"OK":
            raise Refused(f"APPEND: {tagged!r}")
        found = re.search(rb"APPENDUID (\d+) (\d+)", tagged.line)
        return int(found.group(2)) if found else None

    def select(self, mailbox, how="SELECT"):
        """The numbers that SELECT announces, as a dict."""
        told = {}
        for r in self.ok(f'{how} "{mailbox}"'):
            for name in (b"UIDVALIDITY", b"UIDNEXT", b"HIGHESTMODSEQ", b"UNSEEN"):
                found = re.search(rb"\[" + name + rb" (\d+)\]", r.line)
                if found:
                    told[name.decode().lower()] = int(found.group(1))
            found = re.match(rb"\* (\d+) (EXISTS|RECENT)$", r.line)
            if found:
                told[found.group(2).decode().lower()] = int(found.group(1))
        return told

    def uids(self):
        """All UIDs of the selected mailbox, as SEARCH gives them."""
        for r in self.ok("UID SEARCH ALL"):
            if r.line.upper().startswith(b"* SEARCH"):
                return [int(n) for n in r.line.split()[2:]]
        return []

    def flags(self):
        """UID -> set of flags, of the selected mailbox."""
        result = {}
        for r in self.ok("UID FETCH 1:* (FLAGS)"):
            uid = re.search(rb"UID (\d+)", r.line)
            flags = re.search(rb"FLAGS \(([^)]*)\)", r.line)
            if uid and flags:
                result[int(uid.group(1))] = frozenset(flags.group(1).split()) - {b"\\Recent"}
        return result

    def body(self, uid):
        """The message as it is, or None when it is gone."""
        for r in self.ok(f"UID FETCH {uid} BODY.PEEK[]"):
            if r.literals:
                return r.literals[0]
        return None

    def wait_for(self, pattern, timeout):
        """The first response that matches, without a command: for IDLE."""
        self.socket.settimeout(timeout)
        try:
            while True:
                r = self.read()
                if re.search(pattern, r.line):
                    return r
        finally:
            self.socket.settimeout(60)

    def idle(self):
        self.send(b"idle IDLE\r\n")
        assert self.read().tag == b"+"

    def done(self):
        self.send(b"DONE\r\n")
        return self.collect(b"idle")

    def logout(self):
        self.ok("LOGOUT")
        self.close()

    def close(self):
        self.file.close()
        self.socket.close()
