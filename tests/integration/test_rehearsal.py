"""The short form of the rehearsal of the Kubernetes manifests (make rehearse is the long one)."""

import os
import shutil
import subprocess

import pytest

from conftest import BUILD, ROOT


def test_stores_and_frontends_are_restarted_one_after_another():
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    if not shutil.which("kubectl"):
        pytest.skip("kubectl, which renders the manifests, is not installed")
    run = subprocess.run([str(ROOT / "tests" / "rehearsal" / "run.sh"), "--short"], env=dict(os.environ, BUILD=str(BUILD)),
                         stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
