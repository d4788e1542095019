"""The CPU profile: what the settings make of the processor that an execution engine is.

The profile is honest: it takes features away and never adds one, except where the settings
override a leaf by its number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from engine.cpum.features import (
    COMMON,
    Features1Ecx,
    Features1Edx,
    FeaturesExtEdx,
    FeatureWords,
    features_of,
    set_features,
    settle_extended_state,
    virtual_cpu,
)
from engine.cpum.models import HOST, MODELS, take_identity
from engine.cpum.table import CpuidTable, Leaf, Table
from engine.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.cfgm import Node

_APIC = int(Features1Edx.APIC)
_PAE = int(Features1Edx.PAE)
_EXT_64BIT = int(FeaturesExtEdx.LM)
_CLFSH: Final = 1 << 19
MOST_PORTABLE: Final = 3
# Portability 2 and 3 hide also these; 1 hides what not every engine executes.
_HIDDEN_FROM: Final = {
    2: FeatureWords(ecx1=int(Features1Ecx.SSE3 | Features1Ecx.CX16)),
    3: FeatureWords(
        edx1=int(Features1Edx.SSE | Features1Edx.SSE2 | Features1Edx.CMOV) | _CLFSH,
        ext_edx=int(Features1Edx.CMOV),
    ),
}


@dataclass(frozen=True, slots=True)
class CpuProfile:
    """What the settings say of the processor.

    Attributes:
        model: one of :data:`engine.cpum.models.MODELS`, or ``host``: what the engine has.
        apic: announce a local APIC (there must be one). x2apic: and its x2APIC mode, where the
            engine has it.
        pae: announce PAE. nx: announce no-execute pages. long_mode: announce 64-bit mode.
        portability: 0: all features; 1: those that every engine executes; 2, 3: fewer.
        overrides: leaves that are answered like this, by leaf and sub-leaf.
        hypervisor: announce that this is a virtual machine.
    """

    model: str = HOST
    apic: bool = False
    x2apic: bool = False
    pae: bool = True
    nx: bool = True
    long_mode: bool = True
    portability: int = 0
    overrides: Mapping[tuple[int, int], Leaf] = field(default_factory=dict)
    hypervisor: bool = True

    @classmethod
    def from_cfgm(cls, node: Node | None) -> CpuProfile:
        """Read the profile from the CFGM node ``/CPUM``.

        Raises:
            ConfigurationError: there is no such model, or a leaf has no number.
        """
        if node is None:
            return cls()
        model = node.string("GuestCpuName", HOST)
        if model != HOST and model not in MODELS:
            raise ConfigurationError(
                f"There is no CPU profile {model!r}; there are {', '.join((HOST, *MODELS))}."
            )
        return cls(
            model=model,
            apic=node.boolean("EnableAPIC", default=False),
            x2apic=node.boolean("EnableX2APIC", default=False),
            pae=node.boolean("EnablePAE", default=True),
            nx=node.boolean("EnableNX", default=True),
            long_mode=node.boolean("Enable64bit", default=True),
            portability=node.integer("PortableCpuIdLevel", 0),
            overrides=_overrides(node.find("HostCPUID")),
            hypervisor=node.boolean("EnableHVP", default=True),
        )

    def leaf(self, number: int, sub_leaf: int = 0) -> Leaf:
        """Return the registers for a leaf on the engine that every host has."""
        return self.table().leaf(number, sub_leaf)

    def table(
        self, base: Table | None = None, paravirtual: Mapping[int, Leaf] | None = None
    ) -> CpuidTable:
        """Return what CPUID answers.

        Args:
            base: what the execution engine can do; the common virtual CPU when there is none.
            paravirtual: leaves of the paravirtualization interface, by number.
        """
        leaves = dict(base) if base is not None else virtual_cpu()
        features = features_of(leaves)
        model = MODELS.get(self.model)
        if model is not None:
            take_identity(leaves, model)
            features &= model.features
        set_features(leaves, self._allowed(features))
        settle_extended_state(leaves)
        leaves |= {(number, 0): leaf for number, leaf in (paravirtual or {}).items()}
        leaves.update(self.overrides)
        return CpuidTable(leaves)

    def _allowed(self, features: FeatureWords) -> FeatureWords:
        """Return features without those that the settings forbid."""
        if self.portability:
            features &= COMMON
        for level, hidden in _HIDDEN_FROM.items():
            if self.portability >= level:
                features = features.without(hidden)
        edx1 = ext_edx = 0
        if not self.apic:
            edx1 |= _APIC
            ext_edx |= _APIC
        if not self.pae:
            edx1 |= _PAE
            ext_edx |= _PAE
        if not self.long_mode:
            # SYSCALL is 64-bit mode's; LAHF and CX16 do no harm.
            ext_edx |= _EXT_64BIT | int(FeaturesExtEdx.SYSCALL)
        if not (self.nx and self.pae):
            ext_edx |= int(FeaturesExtEdx.NX)
        ecx1 = 0 if self.hypervisor else int(Features1Ecx.HYPERVISOR)
        return features.without(FeatureWords(ecx1=ecx1, edx1=edx1, ext_edx=ext_edx))


def _overrides(node: Node | None) -> dict[tuple[int, int], Leaf]:
    """Read leaves from children ``leaf`` or ``leaf.sub-leaf`` in hexadecimal digits."""
    found: dict[tuple[int, int], Leaf] = {}
    for name, child in node.children.items() if node else ():
        number, _, sub_leaf = name.partition(".")
        try:
            place = int(number, 16), int(sub_leaf or "0", 16)
        except ValueError:
            raise ConfigurationError(
                f"{child.path}: {name!r} is no CPUID leaf; it would be 80000001 or 7.0."
            ) from None
        eax, ebx, ecx, edx = (child.integer(word, 0) for word in ("eax", "ebx", "ecx", "edx"))
        found[place] = eax, ebx, ecx, edx
    return found
