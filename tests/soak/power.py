"""A disk that loses its power: a file system on a loop device is shut down with all that was not synced."""

import fcntl
import os
import struct
import subprocess

SHUTDOWN, WITHOUT_LOG_FLUSH = 0x8004587D, struct.pack("I", 2)     # FS_IOC_SHUTDOWN of ext4 and xfs


class Disk:
    """An ext4 in a file, mounted at a folder while the block of its `with` runs."""

    def __init__(self, image, folder, megabytes=512):
        self.image, self.folder = image, folder
        with open(image, "wb") as f:
            f.truncate(megabytes << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)

    def __enter__(self):
        self.mount()
        return self

    def __exit__(self, *_):
        self.unmount()

    @staticmethod
    def possible():
        return os.geteuid() == 0 and os.path.exists("/dev/loop-control")

    def mount(self):
        self.folder.mkdir(exist_ok=True)
        subprocess.run(["mount", "-o", "loop", str(self.image), str(self.folder)], check=True)
        self.folder.chmod(0o700)

    def lose_power(self):
        """Nothing is written any more; everything that the kernel still held is lost."""
        fd = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, SHUTDOWN, WITHOUT_LOG_FLUSH)
        finally:
            os.close(fd)

    def unmount(self):
        subprocess.run(["umount", str(self.folder)], check=True)
