"""Courier's own client library, asked from the command line:  courierauth.py VERB WORD...

    info SERVICE USER       login SERVICE USER PASSWORD       cram TYPE SERVICE CHALLENGE RESPONSE
    passwd SERVICE USER OLD NEW       list

Prints what the library hands over, and exits 0, 1 for "no", 75 for "nobody can tell".
"""

import ctypes
import sys
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_uint, c_void_p


class Info(ctypes.Structure):
    _fields_ = [("sysusername", c_char_p), ("sysuserid", POINTER(c_uint)), ("sysgroupid", c_uint), ("homedir", c_char_p),
                ("address", c_char_p), ("fullname", c_char_p), ("maildir", c_char_p), ("quota", c_char_p),
                ("passwd", c_char_p), ("clearpasswd", c_char_p), ("options", c_char_p)]


@CFUNCTYPE(c_int, POINTER(Info), c_void_p)
def show(info, _):
    for name, _ in Info._fields_:
        value = getattr(info[0], name)
        if name == "sysuserid":
            value = str(value[0]).encode() if value else None
        elif name == "sysgroupid":
            value = str(value).encode()
        if value is not None:
            print(f"{name}={value.decode()}")
    return 0


@CFUNCTYPE(None, c_char_p, c_uint, c_uint, c_char_p, c_char_p, c_char_p, c_void_p)
def one(name, uid, gid, home, maildir, options, _):
    print("end" if name is None else f"{name.decode()} {uid} {gid} {home.decode()} {maildir.decode()} {options.decode()}")


def main(verb, *words):
    lib = ctypes.CDLL("libcourierauth.so.0")
    words = [word.encode() for word in words]
    if verb == "info":
        code = lib.auth_getuserinfo(*words, show, None)
    elif verb == "login":
        code = lib.auth_login(*words, show, None)
    elif verb == "cram":
        kind, service, challenge, response = words
        code = lib.auth_generic(service, kind, ctypes.create_string_buffer(b"%s\n%s\n" % (challenge, response)), show, None)
    elif verb == "passwd":
        code = lib.auth_passwd(*words)
    else:
        code = lib.auth_enumerate(one, None) and 0
    return 0 if code == 0 else 1 if code < 0 else 75


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
