"""Tokens in place of passwords: an issuer that speaks HTTP, and real mail clients."""

import base64
import http.server
import json
import subprocess
import threading
import time
import urllib.parse

import pytest

from imap import Imap

CLIENT = "Basic " + base64.b64encode(b"posthouse:its own").decode()


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """An RSA key of the issuer's."""

    def __init__(self, folder, name):
        self.file, self.name = folder / f"{name}.pem", name
        subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.file],
                       check=True, capture_output=True)

    def public(self):
        said = subprocess.run(["openssl", "rsa", "-in", self.file, "-noout", "-modulus"], check=True, capture_output=True).stdout
        return {"kty": "RSA", "use": "sig", "kid": self.name, "e": "AQAB",
                "n": text(bytes.fromhex(said.decode().strip().removeprefix("Modulus=")))}

    def sign(self, **claims):
        claims = {"iss": "https://id.test", "aud": "mail", "exp": int(time.time()) + 60, **claims}
        header = {"alg": "RS256", "typ": "at+jwt", "kid": self.name}
        body = ".".join(text(json.dumps(part).encode()) for part in (header, claims))
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.file], input=body.encode(), check=True,
                                   capture_output=True).stdout
        return f"{body}.{text(signature)}"


class Issuer(http.server.ThreadingHTTPServer):
    """Its keys at /keys; what it knows of opaque tokens at /token."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.keys, self.tokens, self.away, self.asked = [], {}, False, []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, what, status=200):
        body = json.dumps(what).encode()
        self.send_response(503 if self.server.away else status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.server.asked.append(self.path)
        self.say({"keys": [key.public() for key in self.server.keys]})

    def do_POST(self):
        self.server.asked.append(self.path)
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if self.headers["Authorization"] != CLIENT:
            self.say({}, 401)
        else:
            self.say(self.server.tokens.get(form["token"][0], {"active": False}))


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    server = Issuer()
    server.keys = [Key(tmp_path_factory.mktemp("issuer"), "first")]
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def issuer_is_well(issuer):
    issuer.away = False
    issuer.asked.clear()


def settings(issuer, **more):
    return dict(OAUTH_JWKS=f"{issuer.url}/keys", OAUTH_JWKS_PAUSE="1", OAUTH_ISSUER="https://id.test", OAUTH_AUDIENCE="mail",
                OAUTH_INTROSPECTION_URL=f"{issuer.url}/token", OAUTH_CLIENT_ID="posthouse", OAUTH_CLIENT_SECRET="its own",
                OAUTH_TIMEOUT="1000", **more)


def curl(url, user, token, mechanism):
    """Its exit code: 0 for a login, 67 for one that was refused, 8 for an answer that is none of both."""
    return subprocess.run(["curl", "-sS", "-k", "--max-time", "20", url, "-u", f"{user}:", "--oauth2-bearer", token,
                           "--login-options", f"AUTH={mechanism}"], capture_output=True, check=False).returncode


def authenticate(port, user, token, mechanism="XOAUTH2"):
    """The last line that answers."""
    client = Imap(port, tls=True)
    start = f"user={user}\x01auth=Bearer {token}\x01\x01" if mechanism == "XOAUTH2" else (
        f"n,a={user},\x01auth=Bearer {token}\x01\x01")
    client.send(f"a AUTHENTICATE {mechanism} {base64.b64encode(start.encode()).decode()}\r\n".encode())
    while (said := client.read()).tag == b"+":
        client.send(b"\r\n")    # what was wrong with it: heard
    return said.line


def test_tokens_open_mailboxes(issuer, own_posthouse):
    whole = own_posthouse(AUTH_MODULES="userdb oauth", **settings(issuer))
    alice, key = whole.user("alice@example.test"), issuer.keys[0]
    good = key.sign(email=alice)
    issuer.tokens["of-alice/+="] = {"active": True, "email": alice, "iss": "https://id.test", "aud": ["mail"]}
    imaps, pop3s = f"imaps://127.0.0.1:{whole.port(tls=True)}/", f"pop3s://127.0.0.1:{whole.pop3_port(tls=True)}/"
    for mechanism in "XOAUTH2", "OAUTHBEARER":
        assert curl(imaps, alice, good, mechanism) == 0
        assert curl(pop3s, alice, good, mechanism) == 0
        assert curl(imaps, alice, key.sign(email=alice, aud="wiki"), mechanism) == 67
    assert curl(imaps, alice, "of-alice/+=", "XOAUTH2") == 0

    port = whole.port(tls=True)
    refused = [key.sign(email="nobody@example.test"), key.sign(email=alice, exp=1), key.sign(email=alice, iss="https://other.test"),
               good[:-6] + "AAAAAA", "of-nobody", text(b'{"alg":"none"}') + "." + good.split(".")[1] + "."]
    for token in refused:
        assert b"[AUTHENTICATIONFAILED]" in authenticate(port, alice, token), token
    assert b"[AUTHENTICATIONFAILED]" in authenticate(port, "bob@example.test", good, "OAUTHBEARER")

    # The issuer changes its key: nobody has to be told.
    issuer.keys.append(Key(key.file.parent, "second"))
    time.sleep(1.1)
    assert b" OK" in authenticate(port, alice, issuer.keys[1].sign(email=alice))
    assert issuer.asked.count("/keys") == 2

    # Away: what can be checked with the keys there are is checked, the rest is no failed login.
    issuer.away = True
    assert b" OK" in authenticate(port, alice, good)
    assert b" OK" in authenticate(port, alice, "of-alice/+=")
    assert b"NO [UNAVAILABLE]" in authenticate(port, alice, "of-bob")
    client = Imap(port, tls=True)
    assert b" OK" in client.command(f"LOGIN {alice} secret")[0].line


def test_accounts_that_no_other_module_knows(issuer, own_posthouse, tmp_path):
    root = tmp_path / "run0" / "mail"
    whole = own_posthouse(AUTH_MODULES="oauth", OAUTH_HOME=f"{root}/$(domain)/$(local_part)", **settings(issuer))
    port, key = whole.port(tls=True), issuer.keys[0]
    assert b" OK" in authenticate(port, "eve@example.test", key.sign(email="eve@example.test"))
    assert b"[AUTHENTICATIONFAILED]" in authenticate(port, "../eve@example.test", key.sign(email="../eve@example.test"))
    imaps = f"imaps://127.0.0.1:{port}/"
    mail = tmp_path / "mail.eml"
    mail.write_text("Subject: token\n\nx\n")
    done = subprocess.run(["curl", "-sS", "-k", f"{imaps}INBOX", "-T", mail, "-u", "eve@example.test:", "--oauth2-bearer",
                           key.sign(email="eve@example.test")], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(list((root / "example.test" / "eve" / "Maildir").glob("[cn]*/*"))) >= 1
    # No password is ever right, and none is asked for.
    assert b"[AUTHENTICATIONFAILED]" in Imap(port, tls=True).command('LOGIN eve@example.test ""')[0].line
    offered = Imap(port, tls=True).ok("CAPABILITY")[0].line
    assert b"LOGINDISABLED" in offered and b"AUTH=PLAIN" not in offered and b"AUTH=XOAUTH2" in offered
