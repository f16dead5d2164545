"""compose.system-accounts.yaml: people of the host, with mail in their homes."""

import re
import subprocess

import pytest

from imap import Imap, Refused

UID = 23456


@pytest.fixture
def with_erin(stack, tmp_path):
    """A host, as far as accounts go: root, and erin with her home. Afterwards all is as before."""
    tmp_path.chmod(0o755)
    etc, home = tmp_path / "etc", tmp_path / "home"
    etc.mkdir()
    (home / "erin").mkdir(parents=True)
    (home / "erin").chmod(0o700)
    subprocess.run(["chown", "-R", f"{UID}:{UID}", str(home / "erin")], check=True)
    password = subprocess.run(["openssl", "passwd", "-6", "erin-demo"], check=True, capture_output=True,
                              text=True).stdout.strip()
    (etc / "passwd").write_text(f"root:x:0:0::/root:/bin/sh\nerin:x:{UID}:{UID}:Erin:/home/erin:/bin/sh\n")
    (etc / "group").write_text(f"root:x:0:\nerin:x:{UID}:\n")
    (etc / "shadow").write_text(f"root:*:19000::::::\nerin:{password}:19000::::::\n")
    (etc / "shadow").chmod(0o600)
    stack.environment.update(SYSTEM_ETC=str(etc), SYSTEM_HOME=str(home))
    stack.files.append("compose.system-accounts.yaml")
    stack.up()
    yield home / "erin"
    stack.files.pop()
    stack.up()


def test_mail_in_a_home_of_the_host(stack, with_erin):
    with pytest.raises(Refused, match="AUTHENTICATIONFAILED"):
        Imap(stack.ports["IMAP_PORT"]).login("erin", "not hers")
    c = Imap(stack.ports["IMAP_PORT"]).login("erin", "erin-demo")
    c.append("INBOX", b"Subject: at home\r\n\r\nx\r\n")
    c.logout()
    (message,) = (with_erin / "Maildir" / "cur").iterdir()
    assert (message.stat().st_uid, message.stat().st_gid) == (UID, UID)
    Imap(stack.ports["IMAP_PORT"]).login("bob", "bob-demo").logout()     # the others are still there
    allowed = {c.name: re.search(r"^CapBnd:\s+(\w+)", c.run("cat", "/proc/1/status"), re.M).group(1)
               for service in ("frontend", "storesvc2", "outboxsvc") for c in stack.containers(service)}
    assert all(int(capabilities, 16) == 0 for capabilities in allowed.values()), allowed
