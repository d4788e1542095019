"""The execution engine that runs on libunicorn: any host, no privileges, one CPU."""

from engine.em.unicorn.engine import UnicornEngine

__all__ = ["UnicornEngine"]
