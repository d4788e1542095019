"""What network adapters share: address, cable, frames that wait, the ROM that boots from them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar

from engine.errors import ConfigurationError
from engine.pdm.device import Connector, Device, DeviceConfig, Memory, StateT, timer
from engine.pdm.interfaces import BootDevice, NetworkLink, NetworkTraffic, PacketLink
from engine.pdm.optionrom import LARGEST, rom_image, with_identity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WAITING_FRAMES: Final = 1024
"""Frames from the host side that may wait for the EMT; others are dropped."""

MAC_BYTES: Final = 6
_SHORTEST_FRAME: Final = 14  # bytes: the header
_LAST: Final = 5  # rank of adapters without a priority


class AdapterConfig(DeviceConfig, frozen=True):
    """What all network adapters can be told.

    Attributes:
        mac: twelve hexadecimal digits. cable: whether the cable is plugged in at power-on.
        boot_rom: file with the expansion ROM that boots from the network; empty for none.
        boot_priority: which adapter is tried first: 1 to 4, then those with 0.
    """

    mac: str = "080027000001"
    cable: bool = True
    boot_rom: str = ""
    boot_priority: int = 0


AdapterConfigT = TypeVar("AdapterConfigT", bound=AdapterConfig)


class NetworkHost(Device[AdapterConfigT, StateT]):
    """Base of network adapters, mixed into the base of their bus; LUN 0 is the cable's other end.

    Frames of the host side come in on any thread, and wait until the EMT fetches them.

    Attributes:
        mac: the address of the configuration.
    """

    MAX_INSTANCES = 8
    UNSAVED_CONFIG: ClassVar[frozenset[str]] = frozenset({"cable", "boot_rom", "boot_priority"})
    link = Connector(0, NetworkLink)
    option_rom = Memory(LARGEST, writable=False)

    def setup(self) -> None:
        """Take the address, prepare what the bus needs, and listen to the cable."""
        self.mac = _mac_bytes(self.instance_name, self.config.mac)
        self._cable = self.config.cable
        self._traffic = NetworkTraffic()
        self._waiting: deque[bytes] = deque()
        self._called = False
        self._listening: NetworkLink | None = None
        self._packet_link: PacketLink | None = None
        super().setup()
        self._listen()

    # -- what an adapter overrides

    @property
    def carrier(self) -> bool:
        """Whether frames pass between adapter and cable; default: as soon as it is plugged in."""
        return self.plugged

    def link_changed(self) -> None:
        """The cable has been plugged in or out, or leads to something else."""

    def listens(self) -> bool:
        """Tell whether the adapter takes frames now; others are lost."""
        return self.carrier

    def takes_packets(self) -> bool:
        """Tell whether ``frames_arrived`` knows packets (``PacketLink``). Any thread."""
        return False

    def frames_arrived(self, frames: Iterable[bytes]) -> None:
        """Take frames, of 14 bytes at least."""

    # -- what an adapter uses

    @property
    def plugged(self) -> bool:
        """Whether the cable is plugged in at both ends."""
        return self._cable and self._listening is not None

    @property
    def gets_packets(self) -> bool:
        """Whether frames that are too long for the cable are packets (``PacketLink``)."""
        return self._packet_link is not None and self.takes_packets()

    def load_boot_rom(self, vendor: int, device: int) -> None:
        """Fill the expansion ROM, for the card's identity.

        Raises:
            FirmwareMissingError: the file of the configuration cannot be read.
            ConfigurationError: it is no expansion ROM.
        """
        if self.config.boot_rom:
            image = rom_image("network boot ROM", self.config.boot_rom)
            self.option_rom.load(with_identity(image, vendor, device))

    def boot_devices(self) -> Sequence[BootDevice]:
        """Return the adapter in the firmware's naming, if there is something that boots from it."""
        if not self.config.boot_rom:
            return []
        slot, _ = self.context.pci_address
        path = f"/pci@i0cf8/ethernet@{slot:x}/ethernet-phy@0"
        return [BootDevice("n", path, self.config.boot_priority or _LAST)]

    def forget_waiting(self) -> None:
        """Drop the frames that have come in and that the adapter has not taken."""
        self._waiting.clear()

    def transmit(self, frame: bytes) -> None:
        """Count a frame of the guest's, and put it on the wire if there is a carrier."""
        self._traffic.bytes_transmitted += len(frame)
        self._traffic.frames_transmitted += 1
        if self.carrier and self._listening is not None:
            self._listening.transmit(frame)

    def transmit_packet(self, packet: bytes) -> bool:
        """Put a packet on the wire as it is, if the cable takes those; tell whether it does."""
        link = self._packet_link
        if link is None:
            return False
        self._traffic.bytes_transmitted += len(packet)
        self._traffic.frames_transmitted += 1
        if self.carrier:
            link.transmit_packet(packet)
        return True

    # -- life

    def on_attach(self, lun: int) -> None:
        """The other end of the cable has been plugged into something else."""
        self._listen()
        self.link_changed()

    def set_cable(self, connected: bool) -> None:
        """Plug the cable in or out; the guest sees the link come or go. EMT only."""
        if connected != self._cable:
            self._cable = connected
            self.link_changed()

    def state_loaded(self, version: int) -> None:
        """Go on where the saved adapter was; the cable is that of this machine."""
        super().state_loaded(version)
        self._waiting.clear()
        self._called = False

    def traffic(self) -> NetworkTraffic:
        """Return what the adapter has moved since power-on."""
        return self._traffic

    def _listen(self) -> None:
        if self._listening is not None:
            self._listening.set_receiver(None)
        self._listening = self.link
        if self._listening is not None:
            self._listening.set_receiver(self._received)
        self._packet_link = self._listening if isinstance(self._listening, PacketLink) else None
        if self._packet_link is not None:
            self._packet_link.offer_packets(self.takes_packets)

    # -- frames from the host side

    def _received(self, frame: bytes) -> None:
        """A frame has come in, on a thread of the driver's."""
        if len(self._waiting) < WAITING_FRAMES:
            self._waiting.append(frame)
        if not self._called:
            self._called = True
            # While the machine is paused its memory must not change: timers stand still then.
            self.post(lambda: self.reception.arm(self.now))

    @timer
    def reception(self) -> None:
        """Take what has come in."""
        self._called = False
        waiting = self._waiting
        # Others come in meanwhile, on a thread of their own: only those of now are taken.
        frames = [waiting.popleft() for _ in range(len(waiting))]
        if not self.listens():
            return
        frames = [frame for frame in frames if len(frame) >= _SHORTEST_FRAME]
        self._traffic.bytes_received += sum(map(len, frames))
        self._traffic.frames_received += len(frames)
        self.frames_arrived(frames)


def _mac_bytes(instance: str, text: str) -> bytes:
    try:
        mac = bytes.fromhex(text)
    except ValueError:
        mac = b""
    if len(mac) != MAC_BYTES:
        raise ConfigurationError(f"{instance}/mac: {text!r} is not twelve hexadecimal digits.")
    return mac
