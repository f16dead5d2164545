"""Calls among services, spoken byte by byte (lib/rpc/rpc_frame.h), as somebody might who means harm."""

import re
import socket
import ssl
import struct

OK, INVALID, UNAUTHENTICATED, DENIED = range(4)


def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out + bytes([n]))


def field(number, value):
    """One field of a protobuf message: a number, or bytes, text and messages alike."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def message(fields):
    return b"".join(field(number, value) for number, value in fields.items())


def parse(data):
    """The fields of a message, by number; of repeated ones the last."""
    fields, at = {}, 0

    def number():
        nonlocal at
        n, shift = 0, 0
        while True:
            byte = data[at]
            at += 1
            n |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return n

    while at < len(data):
        tag = number()
        value = number()
        if tag & 7 == 2:
            value, at = data[at:at + value], at + value
        fields[tag >> 3] = value
    return fields


def methods(proto, service):
    """(method, request's type, type of the request's first field) of each method that a file of proto/ declares."""
    text = re.sub(r"//.*", "", proto.read_text())
    body = re.search(rf"service {service} \{{(.*?)\n\}}", text, re.S)[1]
    first = dict(re.findall(r"message (\w+) \{\s*(?:repeated )?(\w+) \w+ = 1;", text))
    return [(name, request, first.get(request)) for name, request in re.findall(r"rpc (\w+)\((\w+)\)", body)]


class Peer:
    """A connection to a service: Peer.unix(path), or Peer.tls(port, authority, certificate, key)."""

    def __init__(self, stream):
        self.stream, self.number = stream, 0
        self.stream.settimeout(30)
        assert self.exactly(20)[:2] == b"P1"

    @classmethod
    def unix(cls, path):
        stream = socket.socket(socket.AF_UNIX)
        stream.connect(str(path))
        return cls(stream)

    @classmethod
    def tls(cls, port, authority, certificate=None, key=None):
        context = ssl.create_default_context(cafile=str(authority))
        if certificate:
            context.load_cert_chain(certificate, key)
        stream = socket.create_connection(("127.0.0.1", port), timeout=30)
        return cls(context.wrap_socket(stream, server_hostname="localhost"))

    def exactly(self, count):
        data = b""
        while len(data) < count:
            more = self.stream.recv(count - len(data))
            if not more:
                raise ConnectionError("closed")
            data += more
        return data

    def call(self, service, method, request=b"", ticket=b"", attachment=b""):
        """(status, the reply's bytes)"""
        self.number += 1
        header = message({1: f"posthouse.{service}", 2: method, 3: self.number, 4: 77, 5: 20000, 6: 1, 8: ticket})
        self.stream.sendall(b"P1" + struct.pack("<HIIQ", len(header), len(request), len(attachment), self.number) +
                            header + request + attachment)
        header, reply, attachment, number = struct.unpack("<HIIQ", self.exactly(20)[2:])
        assert number == self.number
        status = parse(self.exactly(header)).get(10, OK)
        reply = self.exactly(reply)
        self.exactly(attachment)
        return status, reply
