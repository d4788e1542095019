"""HM: the execution engine on Linux's /dev/kvm."""

from engine.em.kvm.engine import KvmEngine

__all__ = ["KvmEngine"]
