"""IMAP's parenthesised values as Python lists: NIL -> None, strings and atoms -> bytes."""

import re

ATOM = re.compile(rb"[^\s()\"{]+(?:\[[^\]]*\](?:<\d+>)?)?")
LITERAL = re.compile(rb"\{(\d+)\}\r\n")


def parse_value(data):
    """The first value in `data`. Iterative: the nesting is the server's to choose."""
    stack, at = [[]], 0
    while at < len(data):
        c = data[at:at + 1]
        if c == b"(":
            stack.append([])
            at += 1
        elif c == b")":
            done = stack.pop()
            stack[-1].append(done)
            at += 1
        elif c.isspace():
            at += 1
        elif c == b'"':
            end = at + 1
            while data[end:end + 1] != b'"':
                end += 2 if data[end:end + 1] == b"\\" else 1
            stack[-1].append(re.sub(rb"\\(.)", rb"\1", data[at + 1:end]))
            at = end + 1
        elif c == b"{":
            head = LITERAL.match(data, at)
            at = head.end() + int(head.group(1))
            stack[-1].append(data[head.end():at])
        else:
            atom = ATOM.match(data, at)
            stack[-1].append(None if atom.group().upper() == b"NIL" else atom.group())
            at = atom.end()
        if len(stack) == 1 and stack[0]:
            return stack[0][0]
    raise ValueError("unfinished value")
