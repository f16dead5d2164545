"""The first process of a pod: a network of its own, a root of its own, then the container's program.

It reads one line of JSON (what pod.py's `plan` makes) from standard input, says "network" when the network is there to be
furnished, reads another line when that is done, and becomes the program.
"""

import ctypes
import json
import os
import pathlib
import socket
import subprocess
import sys

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWNET = 0x00020000, 0x04000000, 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)

# The files an image would have. The rest comes from the machine's /usr.
PASSWD = "root:x:0:0::/:/bin/sh\nposthouse:x:10001:10001::/:/bin/sh\nservice:x:999:999::/tmp:/bin/sh\n"
GROUP = "root:x:0:\nposthouse:x:10001:\nservice:x:999:\n"


def run(*argv):
    subprocess.run([str(a) for a in argv], check=True, stdin=subprocess.DEVNULL)


def unshare(flags):
    if LIBC.unshare(flags) < 0:
        raise OSError(ctypes.get_errno(), "unshare")


def furnish_network(address):
    run("ip", "link", "set", "lo", "up")
    if address:
        run("ip", "address", "add", address + "/32", "dev", "eth0")
        run("ip", "link", "set", "eth0", "up")
        run("ip", "route", "add", "169.254.1.1", "dev", "eth0", "scope", "link")
        run("ip", "route", "add", "default", "via", "169.254.1.1", "dev", "eth0")


def furnish_root(root, plan):
    """A read-only root from the machine's programs, ours, and the pod's volumes."""
    run("mount", "--make-rprivate", "/")
    root.mkdir(parents=True, exist_ok=True)
    run("mount", "-t", "tmpfs", "-o", "mode=755", "root", root)
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / name).symlink_to("usr/" + name)
    for name in ("usr", "proc", "dev", "opt/posthouse", "tmp", "etc", "run"):
        (root / name).mkdir(parents=True)
    (root / "var").mkdir()
    (root / "var/run").symlink_to("/run")
    run("mount", "--rbind", "/usr", root / "usr")
    run("mount", "--rbind", "/proc", root / "proc")
    run("mount", "--rbind", "/dev", root / "dev")
    run("mount", "-t", "tmpfs", "-o", "mode=1777", "shm", root / "dev/shm")
    run("mount", "--bind", "-o", "ro", plan["build"], root / "opt/posthouse")
    etc = {"passwd": PASSWD, "group": GROUP, "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
           "hosts": f"127.0.0.1 localhost\n{plan['address']} {plan['name']}\n", "resolv.conf": plan["resolv_conf"]}
    for name, text in etc.items():
        (root / "etc" / name).write_text(text)
    (root / "etc/ld.so.cache").write_bytes(pathlib.Path("/etc/ld.so.cache").read_bytes())
    for source, target in plan["files"]:
        (root / target.lstrip("/")).write_bytes(pathlib.Path(source).read_bytes())
        (root / target.lstrip("/")).chmod(0o755)
    for mount in plan["mounts"]:
        # A link on the way, /var/run, leads inside the pod's root.
        where = root / mount["path"].lstrip("/").replace("var/run", "run", 1)
        where.mkdir(parents=True, exist_ok=True)
        run("mount", "--bind", mount["source"], where)
        if mount["read_only"]:
            run("mount", "-o", "remount,ro,bind", where)
    if plan["read_only_root"]:
        run("mount", "-o", "remount,ro", root)


def main():
    plan = json.loads(sys.stdin.readline())
    unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS)
    print("network", flush=True)
    sys.stdin.readline()
    furnish_network(plan["address"])
    socket.sethostname(plan["name"])
    root = pathlib.Path(plan["root"])
    furnish_root(root, plan)
    log = os.open(plan["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.chroot(root)
    os.chdir("/")
    for fd, source in ((0, nothing), (1, log), (2, log)):
        os.dup2(source, fd)
    os.execvpe(plan["argv"][0], plan["argv"], plan["environment"])


main()
