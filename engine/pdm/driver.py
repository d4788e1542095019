"""PDM drivers: what is attached below a device's connector, built from its CFGM node.

A driver registers a factory under the name that stands in ``LUN#n/Driver``; nothing lists them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, TypeVar

from engine.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.cfgm import Node

    Factory = Callable[[Node], object]

FactoryT = TypeVar("FactoryT", bound="Factory")
_factories: dict[str, Factory] = {}

# Packages whose `drivers` module registers drivers; each is loaded on first use.
_HOMES = (
    "engine.storage.drivers",
    "engine.hostio.drivers",
    "engine.net.drivers",
    "engine.audio.drivers",
)


def driver(name: str) -> Callable[[FactoryT], FactoryT]:
    """Decorator: register ``factory(node) -> object`` for ``Driver = name``.

    The node is the ``LUN#n`` node; settings of the driver are in its ``Config`` child.
    """

    def add(factory: FactoryT) -> FactoryT:
        _factories[name] = factory
        return factory

    return add


def make_driver(node: Node) -> object:
    """Build the driver that a ``LUN#n`` node asks for.

    Raises:
        ConfigurationError: there is no such driver.
        EngineError: the driver could not open what it stands for (no such file...).
    """
    name = node.string("Driver")
    if name not in _factories:
        for home in _HOMES:
            importlib.import_module(home)
    factory = _factories.get(name)
    if factory is None:
        raise ConfigurationError(f"{node.path}: there is no driver named {name!r}.")
    return factory(node)
