"""Conversations: C: and S: lines, one story a file, against the real services.

    C: text         sent as it is, after %name% has been filled in
    C1: C2: ...     the same on another connection; "C2@2:" opens it on frontend 2
    > text          a line of the literal of a C: line that ends in {*} or {*+}, whose size
                    is counted here; without the "+" the server's go-ahead is awaited; a size
                    in digits is one that the server must not ask for
    S: text         some line up to the tagged answer must match; in order; %_% matches
                    anything, %name% remembers what it matched the first time
    S!: text        no line before the next S: or C: may match
    # text          a comment

Connection 1 is logged in as the story's own account; others as well, unless the
story's first line says "# not logged in".
"""

import pathlib
import re

import pytest

from imap import Imap

STORIES = sorted(pathlib.Path(__file__).parent.glob("stories/*.story"))
LINE = re.compile(r"^([CS])(\d?)(?:@(\d))?(!?): ?(.*)$")


class Story:
    def __init__(self, posthouse, account, text):
        self.posthouse, self.account = posthouse, account
        self.names = {"user": account, "password": "secret"}
        self.connections, self.heard = {}, {}
        self.logged_in = "# not logged in" not in text.splitlines()[0]
        self.steps = text.splitlines()

    def connection(self, number, frontend):
        if number not in self.connections:
            c = Imap(self.posthouse.port(int(frontend or 1)), timeout=20, greet=False)
            if self.logged_in:
                c.read()
                c.login(self.account, "secret")
            self.connections[number] = c
        return self.connections[number]

    def fill(self, text):
        return re.sub(r"%([a-z]\w*)%", lambda m: self.names.get(m[1], m[0]), text)

    def pattern(self, text):
        out, named = "", set()
        for i, piece in enumerate(re.split(r"%([a-z_]\w*)%", text)):
            if i % 2 == 0:
                out += re.escape(piece)
            elif piece == "_":
                out += ".*"
            elif piece in self.names:
                out += re.escape(self.names[piece])
            elif piece in named:
                out += f"(?P={piece})"
            else:
                named.add(piece)
                out += rf"(?P<{piece}>\S+?)"
        return re.compile(out + r"\Z", re.DOTALL)

    def expect(self, c, text, where):
        pattern, skipped = self.pattern(text), []
        tagged_wanted = not text.startswith(("*", "+"))
        while True:
            r = c.read()
            line = r.line.decode("utf-8", "replace").replace("\r\n", "\\r\\n")
            found = pattern.match(line)
            if found:
                self.names.update(found.groupdict())
                return
            skipped.append(line)
            for unwanted in self.unwanted:
                assert not unwanted.match(line), f"{where}: must not come: {line}"
            assert line.startswith(("*", "+")) and not (line.startswith("* BYE") and tagged_wanted), \
                f"{where}: wanted {text!r}, came:\n  " + "\n  ".join(skipped)

    def run(self):
        self.unwanted = []
        at = 0
        while at < len(self.steps):
            line = self.steps[at]
            at += 1
            if not line.strip() or line.startswith("#"):
                continue
            kind, number, frontend, negated, text = LINE.match(line).groups()
            c, where = self.connection(number or "1", frontend), f"line {at}"
            if kind == "S" and negated:
                self.unwanted.append(self.pattern(text))
            elif kind == "S":
                self.expect(c, text, where)
                self.unwanted = []
            else:
                at = self.send(c, text, at)

    def send(self, c, text, at):
        literal = None
        if re.search(r"\{\*\+?\}$", text):
            literal = b""
            while at < len(self.steps) and self.steps[at].startswith(">"):
                literal += self.fill(self.steps[at][2:]).encode() + b"\r\n"
                at += 1
            text = text.replace("{*", "{%d" % len(literal))
        c.send(self.fill(text).encode() + b"\r\n")
        if literal is not None and re.search(r"\{\d+\}$", text):
            r = c.read()
            assert r.tag == b"+", f"line {at}: no go-ahead but {r!r}"
        if literal is not None:
            c.send(literal + b"\r\n")
        return at


@pytest.mark.parametrize("path", STORIES, ids=lambda p: p.stem)
def test_story(posthouse, account, path):
    story = Story(posthouse, account, path.read_text(encoding="utf-8"))
    try:
        story.run()
    finally:
        for c in story.connections.values():
            c.close()
