"""Interfaces between devices, and between devices and the host side.

Devices find one another by interface (``self.require(IsaDma)``), and reach the host through what
is attached to their connectors. Each interface fits on a screen; a conformance test runs on every
implementation.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from uuid import UUID

    from engine.pdm.irq import IrqInput


class ResetKind(Enum):
    """What caused a reset; decides what survives it."""

    POWER_ON = "power-on"
    HARD = "hard"  # PCI reset: port CF9h, the reset button, ACPI reset register
    SOFT = "soft"  # INIT: keyboard controller, port 92h, triple fault


# ------------------------------------------------------------------ between devices


@runtime_checkable
class InterruptController(Protocol):
    """What the CPU sees of the interrupt controllers (8259A pair now, local APIC later)."""

    def isa_input(self, irq: int) -> IrqInput:
        """Return the input pin of ISA interrupt 0..15."""

    def has_interrupt(self) -> bool:
        """Tell whether INTR is asserted."""

    def acknowledge(self) -> int:
        """Perform the INTA cycle and return the vector 0..255 (spurious when INTR has gone)."""


@runtime_checkable
class CpuInterrupt(Protocol):
    """The INTR pin of the CPU; offered by the machine."""

    def intr_changed(self, asserted: bool) -> None:
        """Tell the new level of INTR; called only when it changes. EMT only."""

    def request_nmi(self) -> None:
        """Deliver a non-maskable interrupt as soon as NMIs are open."""


@runtime_checkable
class ExtInt(Protocol):
    """The local APIC's LINT0 pin, to which the 8259A's INTR is wired when there is an APIC."""

    def extint_changed(self, asserted: bool) -> None:
        """Tell the new level; called only when it changes. EMT only."""


@runtime_checkable
class InterruptAcknowledge(Protocol):
    """Who hands out vectors when the processor takes an interrupt: the local APIC."""

    def acknowledge(self) -> int:
        """Return the vector 0..255 and take the interrupt into service."""


@runtime_checkable
class TaskPriority(Protocol):
    """The local APIC's TPR, whose upper half the processor shows as CR8 (SDM 3, 11.8.6)."""

    def task_priority(self) -> int:
        """Return TPR, 0..255."""

    def holds_interrupt(self) -> bool:
        """Tell whether an interrupt waits for a lower TPR only."""

    def set_task_priority(self, priority: int) -> None:
        """Set TPR, as the guest does by CR8: with 0 in the lower half. EMT only."""


@runtime_checkable
class ApicBus(Protocol):
    """Where I/O APICs send their messages."""

    def deliver(
        self, mode: int, vector: int, destination: int, *, logical: bool, level: bool
    ) -> bool:
        """Offer a message (delivery mode and vector of SDM 3, 11.6.1); tell whether one took it."""


@runtime_checkable
class EngineChips(Protocol):
    """Interrupt controllers and an 8254 that the execution engine itself has. EMT only.

    Where the machine offers them, the devices of these names answer no accesses: the guest's do
    not leave the engine. They pass their inputs on and hand their State structs over.
    """

    def set_input(self, irq: int, level: bool) -> None:
        """Drive an interrupt line of the board, 0..15."""

    def connect_timer(self, connected: bool) -> None:
        """Let counter 0 of the 8254 raise interrupt 0, or leave that to another timer."""

    def load(self, chip: str, record: object, now: int) -> None:
        """Give the chip of a device (its NAME) a State struct; ``now``: virtual time in ns."""

    def save(self, chip: str, record: object, now: int) -> None:
        """Fill a State struct from a chip."""


@runtime_checkable
class IoApicEoi(Protocol):
    """Who wants to know that a level-triggered interrupt has been ended."""

    def end_of_interrupt(self, vector: int) -> None:
        """The processor has ended the interrupt of this vector."""


@runtime_checkable
class LegacyTimer(Protocol):
    """The 8254, whose interrupt another timer may take over."""

    def disconnect_interrupt(self, disconnected: bool) -> None:
        """Cut the output of counter 0 off from interrupt 0, or connect it again."""


@runtime_checkable
class PostCodeDisplay(Protocol):
    """Who shows the POST codes that firmware writes to port 80h (a DMA page register)."""

    def post_code(self, code: int) -> None:
        """Take a code 0..255."""


@runtime_checkable
class IsaDmaClient(Protocol):
    """A device on a channel of the 8237A."""

    def dma_transfer(self, channel: int) -> None:
        """Called when the channel is unmasked or programmed while the device requests it."""


@runtime_checkable
class TimedDmaClient(IsaDmaClient, Protocol):
    """A device that moves data as virtual time goes by: a sound card."""

    def settle_dma(self, channel: int) -> None:
        """The guest is about to read the channel's counters: move what is due."""


@runtime_checkable
class IsaDma(Protocol):
    """The pair of 8237A DMA controllers, channels 0..7 (4 cascades)."""

    def attach_client(self, channel: int, client: IsaDmaClient) -> None:
        """Tell who owns a channel."""

    def remaining(self, channel: int) -> int:
        """Return the bytes still to be moved before terminal count (0 while masked)."""

    def write_memory(self, channel: int, data: bytes) -> tuple[int, bool]:
        """Device to memory: move up to len(data) bytes; return (bytes moved, terminal count)."""

    def read_memory(self, channel: int, count: int) -> tuple[bytes, bool]:
        """Memory to device: move up to ``count`` bytes; return (data, terminal count)."""


@runtime_checkable
class PciInterruptRouter(Protocol):
    """The chip that turns INTA#..INTD# into ISA interrupts (PIIX3 PIRQRC)."""

    def pirq_input(self, slot: int, pin: int) -> IrqInput:
        """Return the input for pin 0..3 (INTA#..INTD#) of a device in a slot 0..31."""


@runtime_checkable
class ResetControl(Protocol):
    """The chip that owns the reset control register at port CF9h (PIIX3 RC)."""

    def read_reset_control(self) -> int:
        """Return the register."""

    def write_reset_control(self, value: int) -> None:
        """Write the register; a rising RCPU bit resets the machine."""


@runtime_checkable
class ShadowControl(Protocol):
    """What the host bridge decides about the first megabyte; implemented by the machine."""

    def set_pam(self, segment_base: int, size: int, read: bool, write: bool) -> None:
        """Say what answers a segment of C0000h-FFFFFh (440FX data sheet, 3.2.18 PAM).

        Args:
            segment_base: first guest-physical address of the segment.
            size: bytes: 10000h for the BIOS segment at F0000h, 4000h for the others.
            read: reads go to DRAM; otherwise to the PCI bus, where the system BIOS ROM answers
                E0000h-FFFFFh with the top 128 KiB of its image.
            write: writes go to DRAM; otherwise to the PCI bus, where nobody takes them.
        """

    def set_smram(self, visible: bool) -> None:
        """Show DRAM instead of the PCI bus at A0000h-BFFFFh (440FX data sheet, 3.2.20 SMRAM)."""


@runtime_checkable
class AcpiHardware(Protocol):
    """The chip with the ACPI fixed hardware (PIIX4 power management function)."""

    def fixed_hardware(self) -> tuple[int, int]:
        """Return (first port of the power management block, 0 when unmapped; SCI interrupt)."""

    def apm_command(self, value: int) -> None:
        """Take what the guest wrote to the APM control port B2h."""


@runtime_checkable
class GeneralPurposeEvents(Protocol):
    """The chip with the ACPI general-purpose events. EMT only."""

    def raise_event(self, number: int) -> bool:
        """Set the status of an event 0..15; return whether the guest listens to it."""


@runtime_checkable
class HotPlugSlots(Protocol):
    """Who tells the guest of PCI devices that come and go, by ACPI. EMT only."""

    def add_slot(self, slot: int, ejected: Callable[[], None]) -> None:
        """Announce a slot of bus 0; ``ejected``: the guest gives up what is in it, as asked."""

    def slots(self) -> Sequence[int]:
        """Return the slots, in order."""

    def tell_arrival(self, slot: int) -> None:
        """Something is in the slot now."""

    def ask_removal(self, slot: int) -> bool:
        """Ask the guest to give up what is in the slot; False: it does not listen."""

    def withdraw(self, slot: int) -> None:
        """Ask no more; a guest that obeys nevertheless is told that the device is there."""


@runtime_checkable
class Buttons(Protocol):
    """Power and sleep button as the host side presses them. EMT only."""

    def press_power_button(self) -> bool:
        """Press and release; return whether the guest has enabled ACPI and will see it."""

    def press_sleep_button(self) -> bool:
        """Press and release; return whether the guest has enabled ACPI and will see it."""


class BootDevice(NamedTuple):
    """Something the firmware can boot from.

    Attributes:
        kind: letter of the boot order: floppy, hard disk, optical disc, network.
        path: the firmware's name for it, in the manner of Open Firmware.
        rank: devices of a kind with lower ranks come first.
    """

    kind: Literal["a", "c", "d", "n"]
    path: str
    rank: int = 0


@runtime_checkable
class BootSource(Protocol):
    """A PCI device with bootable units; the firmware configuration asks for them."""

    def boot_devices(self) -> Sequence[BootDevice]:
        """Return the units that can be booted, in their own order."""


@runtime_checkable
class A20Gate(Protocol):
    """Who forms the A20 line: keyboard controller and port 92h, ORed by the chip set."""

    def set_a20(self, source: str, enabled: bool) -> None:
        """Set one source of the gate; the line is high while any source enables it."""

    def a20_enabled(self) -> bool:
        """Return the state of the line."""


@runtime_checkable
class MachineControl(Protocol):
    """What devices may ask of the machine as a whole."""

    ram_size: int

    def request_reset(self, kind: ResetKind, reason: str) -> None:
        """Reset the machine before the next guest instruction."""

    def request_power_off(self, reason: str) -> None:
        """Switch the machine off (ACPI S5, APM)."""

    def suspend_on_error(self, error_id: str, message: str, retry: Callable[[], None]) -> None:
        """Pause the VM because the host failed (disk full); ``retry`` runs on the EMT at resume."""


# ------------------------------------------------------------------ host side (connectors)


@runtime_checkable
class MemoryBalloon(Protocol):
    """A device by which the guest gives memory back to the host, and tells of its memory."""

    def set_size(self, mebibytes: int) -> None:
        """Ask the guest to give back so much memory in all. EMT only."""

    def memory_statistics(self) -> Mapping[str, int]:
        """Return what the guest last told of its memory, in bytes by name.

        Has the guest tell anew, for the next call. Any thread may ask.
        """


@runtime_checkable
class BlockMedium(Protocol):
    """A disk, optical disc or floppy image; implemented by ``engine.storage``.

    Raises:
        engine.storage.errors.MediumError: and its subclasses (MediumFull...) from every method.
    """

    size: int
    read_only: bool

    def read(self, offset: int, length: int) -> bytes:
        """Return ``length`` bytes at a byte offset."""

    def write(self, offset: int, data: bytes) -> None:
        """Write bytes at a byte offset."""

    def flush(self) -> None:
        """Make everything written durable."""


@runtime_checkable
class ScatteringMedium(Protocol):
    """A medium that can read into several parts of memory."""

    def read_into(self, offset: int, views: list[memoryview]) -> None:
        """Fill parts of memory, in order, with what is at a byte offset."""


class MovedBytes(Protocol):
    """Bytes that a unit has moved since power-on."""

    @property
    def read(self) -> int:
        """Bytes that the guest has read."""

    @property
    def written(self) -> int:
        """Bytes that the guest has written."""


@runtime_checkable
class StorageAdapter(Protocol):
    """A storage controller that counts what its units move. Any thread may ask."""

    def activity(self) -> Mapping[int, MovedBytes]:
        """Return the bytes that each unit has moved, by LUN."""


@runtime_checkable
class IdentifiedMedium(Protocol):
    """A medium with an identity, from which a drive makes its serial number."""

    uuid: UUID


@runtime_checkable
class TrayObserver(Protocol):
    """Who wants to know that the guest has moved the tray of an optical drive. EMT."""

    def tray_moved(self, device: str, lun: int, *, open_: bool) -> None:
        """The guest has opened (eject) or closed the tray of ``device`` (instance name)."""


@runtime_checkable
class NetworkLink(Protocol):
    """What a network adapter's cable is plugged into: NAT, a switch, an interface of the host."""

    def transmit(self, frame: bytes) -> None:
        """Take an Ethernet frame (without preamble and checksum) from the guest; must not block."""

    def set_receiver(self, receiver: Callable[[bytes], None] | None) -> None:
        """Have frames for the guest given to ``receiver``, on any thread; None: to nobody.

        The adapter passes them on to the EMT with ``Device.post``.
        """


@runtime_checkable
class PacketLink(NetworkLink, Protocol):
    """A link that spares adapters cutting TCP data into frames.

    A *packet* is a frame with IPv4 and TCP of any length that IPv4 has. Its IPv4 checksum is right;
    that of TCP covers the pseudo header alone, as drivers leave it to adapters that complete it.
    """

    def transmit_packet(self, packet: bytes) -> None:
        """Take a packet from the guest; must not block."""

    def offer_packets(self, wanted: Callable[[], bool]) -> None:
        """Let the receiver get packets while ``wanted`` says so, which any thread may ask."""


@dataclass(slots=True)
class NetworkTraffic:
    """What a network adapter has moved since power-on, whether the guest looked at it or not."""

    bytes_received: int = 0
    frames_received: int = 0
    bytes_transmitted: int = 0
    frames_transmitted: int = 0


@runtime_checkable
class NetworkAdapter(Protocol):
    """A network adapter as the host side sees it."""

    def traffic(self) -> NetworkTraffic:
        """Return the counters, for lamps and statistics. Any thread may ask."""

    def set_cable(self, connected: bool) -> None:
        """Plug the cable in or out. EMT only (post requests from other threads)."""


@runtime_checkable
class CharacterSink(Protocol):
    """Where a serial port, parallel port or debug port sends its bytes."""

    def write(self, data: bytes) -> None:
        """Take bytes; must not block."""


@runtime_checkable
class CharacterSource(Protocol):
    """Where a serial port gets its bytes from."""

    def set_receiver(self, receiver: Callable[[bytes], None] | None) -> None:
        """Call ``receiver`` whenever bytes have come in, on any thread; None: call nobody."""


StereoGain = tuple[float, float]
"""Factors for the left and the right side: 1.0 leaves samples as they are, 0.0 is silence."""


@runtime_checkable
class AudioHost(Protocol):
    """What a sound card plays into and records from; frames are 16-bit stereo. EMT only."""

    def play(self, data: bytes, rate: int, gain: StereoGain) -> None:
        """Take what has been played, at a rate in frames per second; must not block."""

    def accompany(self, data: bytes, rate: int, gain: StereoGain, *, last: bool = False) -> None:
        """Take what a second source of the card has sounded beside what is played.

        From the first call, which may have no data, to the one with ``last`` both are mixed, and
        the time of the second source counts: it hands over frames for all of it.
        """

    def record(self, count: int, rate: int, gain: StereoGain) -> bytes:
        """Return ``count`` frames that have been recorded; must not block."""


@runtime_checkable
class KeyboardPort(Protocol):
    """A keyboard as the host side sees it. EMT only (post requests from other threads)."""

    def put_scancodes(self, codes: bytes) -> None:
        """Queue scan codes of set 1, make and break, with E0h/E1h prefixes."""

    def room(self) -> int:
        """Return how many bytes of scan codes the keyboard can take without losing any."""

    def leds(self) -> int:
        """Return the lock LEDs: bit 0 scroll, 1 num, 2 caps."""


@runtime_checkable
class MousePort(Protocol):
    """A relative pointing device as the host side sees it. EMT only."""

    def put_event(self, dx: int, dy: int, dz: int, dw: int, buttons: int) -> None:
        """Queue motion (right and down positive), wheels and buttons.

        ``dz``: vertical wheel, positive towards the user; ``dw``: horizontal, positive right.
        Buttons: bit 0 left, 1 right, 2 middle, 3 and 4 extra.
        """


ABSOLUTE_RANGE: Final = 32767
"""Largest coordinate of an absolute position; 0 is the left or the upper edge of the screen."""


@runtime_checkable
class AbsolutePointer(Protocol):
    """A pointing device that is told where the pointer is: a tablet. EMT only."""

    def put_position(self, x: int, y: int, dz: int, dw: int, buttons: int) -> None:
        """Queue a position (0 to ``ABSOLUTE_RANGE``), wheels and buttons as in a MousePort."""


@runtime_checkable
class UsbInput(Protocol):
    """What every input device on the USB can tell; EMT only."""

    def listening(self) -> bool:
        """Tell whether the guest has configured the device and has asked it for input since."""


@runtime_checkable
class UsbHost(Protocol):
    """A USB host controller, as who routes input sees it."""

    def usb_devices(self) -> Sequence[object]:
        """Return the emulated devices behind the ports of its root hub."""


@runtime_checkable
class InputObserver(Protocol):
    """Who wants to know that the guest has begun or ceased to use an input device."""

    def inputs_changed(self) -> None:
        """Some input device is listened to, or is not any more. EMT only."""
