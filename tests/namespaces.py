"""Tests that may change the network of the host, as they have one of their own.

Such a test runs a second time in another process, within a new network namespace.
"""

from __future__ import annotations

import inspect
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import wraps

import pytest

INSIDE = "VITRINE_TEST_NAMESPACE"
SHELL = 'mount -t sysfs sysfs /sys && exec "$@"'


def in_namespace(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test by its name in a network namespace; skip where that is not allowed."""

    @wraps(test)
    def run(*arguments: object, **options: object) -> None:
        if INSIDE in os.environ:
            test(*arguments, **options)
            return
        enter = ["unshare", "--net", "--mount", "sh", "-c", SHELL, "sh"]
        if not shutil.which("unshare") or subprocess.run([*enter, "true"], check=False).returncode:
            pytest.skip("this account may not make network namespaces")
        if not os.path.exists("/dev/net/tun"):
            pytest.skip("this host has no /dev/net/tun")
        command = [*enter, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        environ = {**os.environ, INSIDE: "1", "VITRINE_TUN": "/dev/net/tun"}
        done = subprocess.run(
            [*command, f"{inspect.getfile(test)}::{test.__name__}"],
            env=environ, capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]

    return run
