"""Every message of the corpus goes in through one frontend and comes out of the other, byte for
byte; what ENVELOPE and BODYSTRUCTURE say is compared with Python's parser."""

import email
import email.policy
import re

import pytest

from imapvalue import parse_value


def mbox_messages(data):
    """The messages of an mbox file: between lines that begin with "From "."""
    starts = [m.start() for m in re.finditer(rb"^From ", data, re.MULTILINE)]
    for start, end in zip(starts, starts[1:] + [len(data)]):
        yield data[start:end].partition(b"\n")[2]


def corpus_messages(root):
    for row in (root / "INDEX.tsv").read_text().splitlines()[1:]:
        path, kind = row.split("\t")[:2]
        data = (root / path).read_bytes() if kind in ("msg", "mbox") else b""
        if kind == "msg":
            yield path, data
        elif kind == "mbox":
            for i, message in enumerate(mbox_messages(data)):
                yield f"{path}#{i}", message


def wire(message):
    """As a mail client sends it: lines end in CRLF. NUL cannot be sent in a literal."""
    return re.sub(rb"\r?\n", b"\r\n", message).replace(b"\0", b"?")


def test_byte_for_byte(posthouse, account, corpus):
    one, two = posthouse.connect(account, frontend=1), posthouse.connect(account, frontend=2)
    sent = {}
    for path, message in corpus_messages(corpus):
        for form in {wire(message), message.replace(b"\0", b"?")}:
            if form:
                sent[one.append("INBOX", form)] = (path, form)
    assert len(sent) > 2000
    assert two.select("INBOX")["exists"] == len(sent)
    uids = sorted(sent)
    wrong = []
    for at in range(0, len(uids), 50):
        batch = uids[at:at + 50]
        for r in two.ok(f"UID FETCH {batch[0]}:{batch[-1]} (RFC822.SIZE BODY.PEEK[])"):
            uid = int(re.search(rb"UID (\d+)", r.line).group(1))
            path, form = sent[uid]
            size = int(re.search(rb"RFC822.SIZE (\d+)", r.line).group(1))
            if r.literals[0] != form or size != len(form):
                wrong.append(path)
    assert wrong == []


class Compared:
    """What two parsers say of one message, and which differences are explained."""

    def __init__(self, path, message):
        self.path, self.parsed = path, email.message_from_bytes(message, policy=email.policy.compat32)

    def structure(self, part):
        """(type, subtype, children) as BODYSTRUCTURE should have them."""
        kind, subtype = part.get_content_maintype(), part.get_content_subtype()
        if kind == "multipart":
            # IMAP's grammar wants at least one part: where there is none, an empty text.
            parts = part.get_payload() if part.is_multipart() else []
            return (kind, subtype, [self.structure(p) for p in parts] or [("text", "plain", [])])
        if (kind, subtype) in (("message", "rfc822"), ("message", "global")) and part.is_multipart():
            return (kind, subtype, [self.structure(part.get_payload()[0])])
        return (kind, subtype, [])


def ours(body):
    """The same shape from a parsed BODYSTRUCTURE value."""
    if isinstance(body[0], list):
        parts = [b for b in body if isinstance(b, list)]
        parts = parts[:next(i for i, b in enumerate(body) if not isinstance(b, list))]
        return ("multipart", body[len(parts)].decode().lower(), [ours(p) for p in parts])
    kind, subtype = body[0].decode().lower(), body[1].decode().lower()
    if kind == "message" and subtype in ("rfc822", "global") and len(body) > 8 and isinstance(body[8], list):
        return (kind, subtype, [ours(body[8])])
    return (kind, subtype, [])


# Why we and Python's parser may rightly see different parts. Each entry: a name for the reason,
# and a test of the message's bytes (lower case) that shows that it applies.
EXPLAINED = [
    ("deeper than the server looks; what lies below is one part",
     lambda m: len(re.findall(rb"^content-type:\s*(?:multipart|message)/", m, re.MULTILINE)) > 40),
    ("Python takes message/delivery-status and other message/* apart into blocks; IMAP has them as leaves",
     lambda m: re.search(rb"content-type:\s*message/(?!rfc822)", m)),
    ("Python treats a multipart without a boundary, or without one part, as text/plain",
     lambda m: b"multipart/" in m and not multipart_is_sound(m)),
    ("Python's maintype falls back to text/plain for a Content-Type that is not type/subtype",
     lambda m: odd_content_type(m)),
    ("two delimiter lines in a row have an empty part between them; Python drops it",
     lambda m: re.search(rb"^(--[^\r\n]+)\r?\n\1\r?\n", m, re.MULTILINE)),
    ("Python takes a bare CR for the end of a line, IMAP does not",
     lambda m: re.search(rb"\r(?!\n)", m)),
    ("a header line that is no header, or has a blank before its colon, ends the header for Python",
     lambda m: odd_header(m)),
    ("a transfer encoding on message/rfc822 or multipart is not allowed and is not undone by IMAP",
     lambda m: re.search(rb"content-transfer-encoding:\s*(base64|quoted-printable)", m)
     and re.search(rb"content-type:\s*(message|multipart)/", m)),
]


def multipart_is_sound(m):
    """Every boundary parameter occurs as an opening and as a closing delimiter line."""
    for found in re.finditer(rb"boundary\s*=\s*(?:\"([^\"]*)\"|([^\s;]*))", m):
        boundary = (found.group(1) or found.group(2) or b"").strip()
        if not boundary or b"\n--" + boundary not in m or b"\n--" + boundary + b"--" not in m:
            return False
    return b"boundary" in m


def odd_content_type(m):
    return any(not re.match(rb"\s*[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+\s*(;|\r?\n|$|\()", v)
               for v in re.findall(rb"^content-type:((?:.*\n)(?:[ \t].*\n)*)", m, re.MULTILINE))


def odd_header(m):
    head = re.split(rb"\r?\n\r?\n", m, maxsplit=1)[0]
    return any(line and not re.match(rb"[ \t]|[\x21-\x39\x3b-\x7e]+:", line)
               for line in re.split(rb"\r\n|\n|\r", head))


def explanation(message):
    lowered = message.lower()
    return next((name for name, applies in EXPLAINED if applies(lowered)), None)


@pytest.fixture(scope="module")
def structures(posthouse, tmp_path_factory):
    """Filed once for the comparisons below: path -> (message, ENVELOPE, BODYSTRUCTURE)."""
    from conftest import CORPUS
    if not CORPUS.is_dir():
        pytest.skip(f"the corpus of messages is not at {CORPUS} (set POSTHOUSE_CORPUS)")
    name = posthouse.user("structures@example.test")
    c = posthouse.connect(name)
    sent = {}
    for path, message in corpus_messages(CORPUS):
        if wire(message):
            sent[c.append("INBOX", wire(message))] = (path, wire(message))
    c.select("INBOX")
    result = {}
    for r in c.ok("UID FETCH 1:* (ENVELOPE BODYSTRUCTURE)"):
        items = parse_value(r.raw[r.raw.index(b"("):])
        told = dict(zip(items[::2], items[1::2]))
        path, message = sent[int(told[b"UID"])]
        result[path] = (message, told[b"ENVELOPE"], told[b"BODYSTRUCTURE"])
    assert len(result) == len(sent)
    return result


def test_structure_agrees(structures):
    unexplained, reasons = [], {}
    for path, (message, _, body) in structures.items():
        parsed = Compared(path, message)
        if ours(body) != parsed.structure(parsed.parsed):
            reason = explanation(message)
            if reason:
                reasons[reason] = reasons.get(reason, 0) + 1
            else:
                unexplained.append((path, ours(body), parsed.structure(parsed.parsed)))
    for reason, count in sorted(reasons.items()):
        print(f"{count} messages differ: {reason}")
    assert unexplained == []
    assert sum(reasons.values()) < len(structures) * 0.08


def test_envelope_agrees(structures):
    """Subject, Message-ID, In-Reply-To and Date are the unfolded fields of their name; which of several
    counts is nowhere said, so those are left out, as are headers whose lines end in a bare CR."""
    unexplained = []
    for path, (message, envelope, _) in structures.items():
        if odd_header(message.lower()) or bare_cr(message):
            continue
        parsed = email.message_from_bytes(message, policy=email.policy.compat32)
        for at, name in ((0, "date"), (1, "subject"), (8, "in-reply-to"), (9, "message-id")):
            fields = [v for k, v in parsed.raw_items() if k.lower() == name]
            if len(fields) > 1:
                continue
            wanted = fields[0] if fields else None
            got = envelope[at]
            wanted = None if wanted is None else squeeze(wanted.encode("ascii", "surrogateescape"))
            got = None if got is None else squeeze(got)
            if (wanted or None) != (got or None):
                unexplained.append((path, name, got, wanted))
    assert unexplained == []


def bare_cr(message):
    return re.search(rb"\r(?!\n)", re.split(rb"\r\n\r\n", message, maxsplit=1)[0])


def expected_shape(xml):
    """mime4j's tree of events as nested lists: messages, multiparts and parts; a leaf is []."""
    root = []
    stack = [root]
    for closing, name in re.findall(rb"<(/?)(message|multipart|body-part)\b[^>]*>", xml):
        if closing:
            node = stack.pop()
            if name == b"multipart" and not node:
                node.append([])         # IMAP's grammar wants one part
        else:
            stack[-1].append([])
            stack.append(stack[-1][-1])
    return root[0]


def shape(body):
    """The same of what ours() gives."""
    kind, _, children = body
    if kind == "multipart":
        return [[shape(c) for c in children]]
    return [shape(c) for c in children]


# Messages where mime4j's own expectation is not what IMAP's grammar or the RFC asks for.
MIME4J_DIFFERS = {
    rb"content-type:\s*message/(?!rfc822)": "mime4j takes message/* other than rfc822 as text",
    rb"content-transfer-encoding:\s*(base64|quoted-printable)": "mime4j undoes encodings of message/rfc822",
}


def test_mime4j_agrees(structures, corpus):
    compared, unexplained, explained = 0, [], 0
    for xml in sorted(corpus.glob("mime4j/**/*.xml")):
        path = str(xml.relative_to(corpus))[:-4] + ".msg"
        if xml.name.endswith("_decoded.xml") or path not in structures:
            continue
        message, _, body = structures[path]
        compared += 1
        if expected_shape(xml.read_bytes()) == shape(ours(body)):
            continue
        if any(re.search(pattern, message.lower()) for pattern in MIME4J_DIFFERS) \
                and b"message/" in message.lower() or not multipart_is_sound(message.lower()):
            explained += 1
        else:
            unexplained.append((path, expected_shape(xml.read_bytes()), shape(ours(body))))
    for one in unexplained:
        print(one)
    print(f"{compared} compared, {explained} differ where the message itself is broken")
    assert compared > 40
    assert unexplained == []


def squeeze(value):
    return re.sub(rb"[\s\0]+", b" ", value).strip()


def test_addresses_agree(structures):
    """Mailboxes of well-formed From, To and Cc fields."""
    from email.utils import getaddresses
    wrong, compared = [], 0
    for path, (message, envelope, _) in structures.items():
        if odd_header(message.lower()) or bare_cr(message):
            continue
        parsed = email.message_from_bytes(message, policy=email.policy.compat32)
        for at, name in ((2, "from"), (5, "to"), (6, "cc")):
            fields = [v for k, v in parsed.raw_items() if k.lower() == name]
            if len(fields) != 1 or not well_formed(fields[0]):
                continue
            wanted = [a.encode() for _, a in getaddresses([str(fields[0])]) if a]
            if not wanted:              # its guard against forged lists is stricter than the RFC
                continue
            got = [a[2] + b"@" + a[3] for a in envelope[at] or [] if a[2] and a[3]]
            compared += 1
            if wanted != got:
                wrong.append((path, name, got, wanted))
    assert compared > 2000
    assert wrong == []


def well_formed(field):
    """name-addr and addr-spec lists without comments, groups, quoted pairs or raw 8-bit."""
    one = r'\s*(?:(?:"[^"\\]*"|[\w .!#$%&\'*+/=?^`{|}~-]*)\s*<[\w.+=-]+@[\w.-]+>|[\w.+=-]+@[\w.-]+)\s*'
    return isinstance(field, str) and re.fullmatch(rf"{one}(?:,{one})*", field, re.ASCII) is not None
