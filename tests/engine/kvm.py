"""Tests that need KVM skip with the reason where this host has none."""

from __future__ import annotations

import functools
import sys

import pytest


@functools.cache
def missing() -> str:
    """Return why KVM cannot be used here, or an empty text."""
    if sys.platform != "linux":
        return "KVM is a part of Linux"
    from engine.em.kvm import api

    return api.availability()


needs_kvm = pytest.mark.skipif(bool(missing()), reason=missing() or "KVM is there")
ENGINES = ["Unicorn", pytest.param("KVM", marks=needs_kvm)]
