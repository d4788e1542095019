"""What the run loop asks of an execution engine (Unicorn, KVM...)."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.cpum import CpuidTable
    from engine.em.archstate import CpuState
    from engine.gim import Abilities
    from engine.iom import PortSpace
    from engine.pdm.interfaces import EngineChips, ResetKind, TaskPriority
    from engine.pgm import PhysicalMemory
    from engine.stam import Statistics


MOST_CPUS: Final = 32
"""Virtual CPUs that a machine can have."""


class ExitReason(Enum):
    """Why :meth:`ExecutionEngine.run` has come back."""

    STOPPED = "stopped"  # kicked, or something is pending
    HALTED = "halted"  # HLT with nothing to do
    TRIPLE_FAULT = "triple fault"
    RESET = "paravirtualization interface"  # a register there asks for it


class ExecutionEngine(Protocol):
    """The virtual CPU, and others where it has them.

    Everything is called on the EMT, except :meth:`kick`.

    Attributes:
        name: of the engine, for people.
        settable_registers: names of those registers that the debugger may change.
        cpu_count: virtual CPUs that there are.
        longest_run: how long a run may last at most, in ns, or None.
        halts_inside: a halted CPU waits inside :meth:`run`, which knows what wakes it.
        chips: interrupt controllers and a timer that the engine itself has, or None.
        cpuid: what CPUID answers; complete when the engine is attached.
        abilities: what it has for paravirtualization; complete when the engine is attached.
        task_priority: what CR8 shows, set by the machine; None: there is no local APIC. Engines
            that have CR8 for themselves do without.
    """

    name: str
    settable_registers: frozenset[str]
    @property
    def cpu_count(self) -> int:
        """See above."""

    @property
    def longest_run(self) -> int | None:
        """See above."""

    @property
    def halts_inside(self) -> bool:
        """See above."""

    @property
    def chips(self) -> EngineChips | None:
        """See above."""

    cpuid: CpuidTable
    abilities: Abilities
    task_priority: TaskPriority | None

    def attach(
        self,
        ports: PortSpace,
        memory: PhysicalMemory,
        statistics: Statistics,
        post: Callable[[Callable[[], object]], object] | None = None,
    ) -> None:
        """Connect to the machine, before the first run.

        Args:
            ports: of the machine.
            memory: of the machine.
            statistics: takes the engine's counters.
            post: has a function called on the EMT; needed by engines with several CPUs.
        """

    def run(self) -> ExitReason:
        """Execute guest code until kicked, halted or shut down.

        Raises:
            ExecutionEngineError: the engine has failed; the guest cannot go on.
        """

    def kick(self) -> None:
        """Make :meth:`run` come back soon; any thread. A kick outside a run ends the next one."""

    def can_take_interrupt(self) -> bool:
        """Tell whether IF is set and no instruction shadow is in force."""

    def expect_window(self) -> None:
        """An interrupt waits: miss no window that is known, like the end of a handler. Cheap."""

    def find_window(self) -> None:
        """An interrupt has waited for long: miss no window, however short. Costs milliseconds."""

    def can_take_nmi(self) -> bool:
        """Tell whether NMIs are not blocked by an NMI handler."""

    def interrupt(self, vector: int) -> bool:
        """Deliver an external interrupt; False when that ended in a triple fault."""

    def nmi(self) -> bool:
        """Deliver a non-maskable interrupt; False when that ended in a triple fault."""

    def reset(self, kind: ResetKind) -> None:
        """Go to the state after reset: F000:FFF0, real mode."""

    def set_a20(self, enabled: bool) -> None:
        """Let address bit 20 through, or hold it at 0."""

    def clock_stopped(self) -> None:
        """Virtual time stands still from now on: hold the time-stamp counter."""

    def clock_started(self) -> None:
        """Virtual time goes on."""

    def cpu_state(self) -> CpuState:
        """Return the architectural state; what the run loop knows is left at its default."""

    def load_cpu_state(self, state: CpuState) -> None:
        """Take an architectural state; memory may have changed wholly too."""

    def other_cpu_states(self) -> list[CpuState]:
        """Return the states of the CPUs besides the first."""

    def load_other_cpu_states(self, saved: list[CpuState]) -> None:
        """Take the states of the CPUs besides the first."""

    def change_cap(self, percent: int) -> None:
        """Limit the CPUs besides the first to a share of a host processor each. Any thread."""

    def registers(self) -> dict[str, int]:
        """Return the registers by name, for the debugger and dumps."""

    def set_register(self, name: str, value: int) -> None:
        """Change one of :attr:`settable_registers`."""

    def read_linear(self, address: int, size: int) -> bytes | None:
        """Return memory at a linear address as the guest's kernel sees it, or None."""

    def close(self) -> None:
        """Free what the engine holds."""

