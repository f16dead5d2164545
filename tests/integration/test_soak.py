"""A short run of `make soak`: clients beside kills, stops, outside changes and a power failure."""

import os
import subprocess

from conftest import BUILD, ROOT


def test_a_short_soak(tmp_path):
    environment = dict(os.environ, BUILD=str(BUILD), SOAK_SECONDS="12", SOAK_POWER_ROUNDS="1", TMPDIR=str(tmp_path))
    done = subprocess.run([str(ROOT / "tests" / "soak" / "run.sh")], env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout
