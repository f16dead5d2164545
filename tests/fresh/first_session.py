"""README's first session by imaplib, as curl is not there yet: file through one frontend, find through the other."""

import imaplib
import time

MESSAGE = b"From: bob\r\nSubject: Fresh horses\r\n\r\nReady at dawn.\r\n"

with imaplib.IMAP4("127.0.0.1", 10143) as one, imaplib.IMAP4("127.0.0.1", 11143) as other:
    one.login("alice", "alice-demo")
    other.login("alice", "alice-demo")
    assert one.append("INBOX", "", imaplib.Time2Internaldate(time.time()), MESSAGE)[0] == "OK"
    other.select("INBOX")
    status, found = other.search(None, "SUBJECT", "horses")
    assert status == "OK" and found != [b""], found
    status, parts = other.fetch(found[0].split()[-1].decode(), "(BODY.PEEK[])")
    assert status == "OK" and parts[0][1] == MESSAGE, parts
print("first session: filed through one frontend, found through the other")
