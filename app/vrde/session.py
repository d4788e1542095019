"""One client after the handshake: its messages, and the updates that it gets."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, Protocol

from app.vrde.channel import Channel, ProtocolError
from app.vrde.damage import Damage, Rectangle, tile_rectangles
from app.vrde.encodings import Encoder, Raw, Zlib, Zrle
from app.vrde.guestinput import GuestInput
from app.vrde.moves import ClientPicture
from app.vrde.pixels import FORMAT_BYTES, NATIVE, PixelFormat, PixelFormatError, colour_map
from app.vrde.protocol import (
    FENCE_KNOWN,
    FENCE_LIMIT,
    FENCE_REQUEST,
    NAME_LIMIT,
    SIZE_PROHIBITED,
    TEXT_LIMIT,
    UPDATE_HEADER,
    ClientMessage,
    Encoding,
    ServerMessage,
    extended_desktop_size,
    pseudo_rectangle,
)
from app.vrde.tight import Tight

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.vrde.module import DisplayHost
    from app.vrde.screen import SharedScreen

_ENCODERS: Final[dict[int, Callable[[], Encoder]]] = {
    Encoding.RAW: Raw,
    Encoding.ZLIB: Zlib,
    Encoding.ZRLE: Zrle,
    Encoding.TIGHT: Tight,
}


_RESIZED: Final = "resized"
"""The notice that changes the size of the client's picture."""


class Stage(Protocol):
    """What a session needs of its server."""

    @property
    def screen(self) -> SharedScreen:
        """The screen; to be read by what :meth:`encode` runs."""

    async def encode(self, work: Callable[[], list[bytes]]) -> list[bytes]:
        """Run something on the encoder's thread."""

    async def look(self) -> bool:
        """Bring the screen up to date at once; tells whether it has changed."""

    def look_soon(self) -> None:
        """A client waits for a change of the screen, or has caused one."""


class Session:
    """Obeys one client. For the server's thread.

    Args:
        channel: to the client.
        stage: the server.
        host: the machine.
        name: shown as the desktop's.
    """

    def __init__(self, channel: Channel, stage: Stage, host: DisplayHost, name: str) -> None:
        self._channel = channel
        self._stage = stage
        self._host = host
        self._name = name.encode("utf-8")[:NAME_LIMIT]
        self._input = GuestInput(host)
        self._format = NATIVE
        self._size = stage.screen.size
        self._damage = Damage(*self._size)
        self._picture: ClientPicture | None = None  # of clients that copy, since they do
        self._lost = Rectangle(0, 0, 0, 0)
        self._area: Rectangle | None = None
        self._continuous: Rectangle | None = None
        self._notices: dict[str, bytes] = {}
        self._declared: frozenset[int] = frozenset()
        self._encoders: dict[int, Encoder] = {}
        self._encoding: int = Encoding.RAW
        self._wake = asyncio.Event()
        self._absolute: bool | None = None
        self._asked_for_all = False

    @property
    def waiting(self) -> bool:
        """Whether it would be sent a change of the screen at once."""
        return self._area is not None or self._continuous is not None

    def pointing_has_changed(self) -> bool:
        """Tell whether the client has to be told what the guest's pointing device takes."""
        known = self._absolute
        return Encoding.QEMU_POINTER in self._declared and self._host.takes_absolute != known

    def screen_changed(self, tiles: NDArray[np.bool_] | None) -> None:
        """Parts of the screen have changed; None: it has another size."""
        if tiles is not None:
            self._damage.add(tiles)
        elif self._declared & {Encoding.DESKTOP_SIZE, Encoding.EXTENDED_DESKTOP_SIZE}:
            self._take_size()
        else:
            self._damage = Damage(*self._size)
        self._notice_pointing()
        self._wake.set()

    def _take_size(self) -> None:
        """Give the client's picture the size of the screen, and tell the client."""
        self._size = self._stage.screen.size
        self._damage = Damage(*self._size)
        self._picture = None
        self._notices[_RESIZED] = self._size_notice()

    def _size_notice(self) -> bytes:
        if Encoding.EXTENDED_DESKTOP_SIZE in self._declared:
            return extended_desktop_size(self._size)
        return pseudo_rectangle(Encoding.DESKTOP_SIZE, size=self._size)

    async def run(self) -> None:
        """Obey until the client goes.

        Raises:
            ProtocolError: it sent what makes no sense.
            OSError: it has gone.
        """
        head = struct.pack(">HH", *self._size) + NATIVE.pack()
        await self._channel.send(head, struct.pack(">I", len(self._name)), self._name)
        sending = asyncio.create_task(self._send())
        reading = asyncio.create_task(self._read())
        try:
            done, _ = await asyncio.wait(
                (sending, reading), return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                task.result()
        finally:
            for task in (sending, reading):
                task.cancel()
            await asyncio.gather(sending, reading, return_exceptions=True)
            self._input.release_all()

    # ------------------------------------------------------------------ updates

    async def _send(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while (area := self._continuous or self._area) is not None:
                if self._asked_for_all:
                    # Nobody may have looked for long.
                    self._asked_for_all = False
                    await self._stage.look()
                damaged = self._damage.touches(area)
                if not self._notices and not damaged:
                    break
                self._area = None
                # A new size comes alone: pixels are sent when the client has a place for them.
                alone = _RESIZED in self._notices or not damaged
                notices, self._notices = list(self._notices.values()), {}
                parts = [] if alone else await self._encoded(self._damage.take(area))
                await self._send_update([*notices, *parts])
            if area is not None:
                self._stage.look_soon()

    async def _encoded(self, tiles: NDArray[np.bool_]) -> list[bytes]:
        encoder = self._encoders.setdefault(self._encoding, _ENCODERS[self._encoding]())
        form, size, stage = self._format, self._size, self._stage
        if self._picture is None and Encoding.COPY_RECT in self._declared:
            self._picture = ClientPicture(*size)
        picture, lost = self._picture, self._lost
        self._lost = Rectangle(0, 0, 0, 0)

        def work() -> list[bytes]:
            pixels = stage.screen.view(*size)
            parts: list[bytes] = []
            rest = tiles
            if picture is not None:
                picture.forget(lost)
                parts, rest = picture.copies(pixels, tiles)
            for area in tile_rectangles(rest, *size):
                parts.extend(encoder.encode(pixels, area, form))
            return parts

        return await stage.encode(work)

    async def _send_update(self, parts: list[bytes]) -> None:
        head = UPDATE_HEADER.pack(ServerMessage.UPDATE, len(parts))
        await self._channel.send(b"".join((head, *parts)))

    # ------------------------------------------------------------------ messages

    async def _read(self) -> None:
        handlers: dict[int, Callable[[], Awaitable[None]]] = {
            ClientMessage.SET_PIXEL_FORMAT: self._set_pixel_format,
            ClientMessage.SET_ENCODINGS: self._set_encodings,
            ClientMessage.UPDATE_REQUEST: self._request_update,
            ClientMessage.KEY: self._key,
            ClientMessage.POINTER: self._pointer,
            ClientMessage.CUT_TEXT: self._cut_text,
            ClientMessage.CONTINUOUS_UPDATES: self._continue_updates,
            ClientMessage.FENCE: self._fence,
            ClientMessage.SET_DESKTOP_SIZE: self._set_desktop_size,
            ClientMessage.QEMU: self._qemu,
        }
        while True:
            kind = await self._channel.read_number("B")
            handler = handlers.get(kind)
            if handler is None:
                raise ProtocolError(f"It sent a message of the unknown type {kind}.")
            await handler()

    async def _unpack(self, form: str) -> tuple[int, ...]:
        layout = struct.Struct(f">{form}")
        return layout.unpack(await self._channel.read(layout.size))

    async def _set_pixel_format(self) -> None:
        data = (await self._channel.read(3 + FORMAT_BYTES))[3:]
        try:
            self._format = PixelFormat.unpack(data)
        except PixelFormatError as error:
            raise ProtocolError(f"It wants pixels that cannot be: {error}") from error
        self._picture = None  # nobody says what becomes of the client's one
        if not data[3]:
            await self._channel.send(colour_map())

    async def _set_encodings(self) -> None:
        (count,) = await self._unpack("xH")
        wanted = await self._unpack(f"{count}i")
        before, self._declared = self._declared, frozenset(wanted)
        if Encoding.COPY_RECT not in wanted:
            self._picture = None
        self._encoding = next((each for each in wanted if each in _ENCODERS), Encoding.RAW)
        qualities = [
            each - Encoding.QUALITY_0
            for each in wanted
            if Encoding.QUALITY_0 <= each <= Encoding.QUALITY_9
        ]
        tight = self._encoders.setdefault(Encoding.TIGHT, Tight())
        assert isinstance(tight, Tight)
        tight.quality = qualities[0] if qualities else None
        await self._answer_declarations(self._declared - before)

    async def _answer_declarations(self, new: frozenset[int]) -> None:
        if Encoding.CURSOR in new:
            # The guest draws its pointer into the picture; a second one would only hide it.
            self._notices["cursor"] = pseudo_rectangle(Encoding.CURSOR)
        if Encoding.QEMU_KEY in new:
            self._notices["key"] = pseudo_rectangle(Encoding.QEMU_KEY)
        if Encoding.QEMU_POINTER in new:
            self._absolute = None
        self._notice_pointing()
        resizes = {Encoding.EXTENDED_DESKTOP_SIZE, Encoding.DESKTOP_SIZE}
        if Encoding.EXTENDED_DESKTOP_SIZE in new or (
            new & resizes and self._size != self._stage.screen.size
        ):
            self._take_size()
        if Encoding.FENCE in new:
            await self._channel.send(struct.pack(">B3xIB", ServerMessage.FENCE, FENCE_REQUEST, 0))
        if Encoding.CONTINUOUS_UPDATES in new:
            await self._channel.send(bytes((ServerMessage.END_OF_CONTINUOUS_UPDATES,)))
        self._wake.set()

    def _notice_pointing(self) -> None:
        """Tell a client that can send motion what the guest's pointing device takes."""
        if Encoding.QEMU_POINTER not in self._declared:
            self._input.relative = False
        elif self.pointing_has_changed():
            absolute = self._absolute = self._host.takes_absolute
            self._input.relative = not absolute
            self._notices["pointer"] = pseudo_rectangle(Encoding.QEMU_POINTER, int(absolute))

    async def _request_update(self) -> None:
        incremental, *area = await self._unpack("BHHHH")
        wanted = self._clipped(Rectangle(*area))
        if not incremental:
            self._asked_for_all = True
            self._damage.add_rectangle(wanted)
            self._lost = self._lost.joined(wanted)
            if Encoding.EXTENDED_DESKTOP_SIZE in self._declared:
                self._notices.setdefault("size", self._size_notice())
        self._area = wanted
        self._wake.set()

    def _clipped(self, area: Rectangle) -> Rectangle:
        width, height = self._size
        x, y = min(area.x, width), min(area.y, height)
        return Rectangle(x, y, min(area.width, width - x), min(area.height, height - y))

    async def _key(self) -> None:
        down, keysym = await self._unpack("BxxI")
        self._input.key(keysym, down=bool(down))
        self._stage.look_soon()

    async def _pointer(self) -> None:
        mask, x, y = await self._unpack("BHH")
        self._input.pointer(mask, x, y, self._size)
        self._stage.look_soon()

    async def _cut_text(self) -> None:
        (length,) = await self._unpack("3xI")
        if length > TEXT_LIMIT:
            raise ProtocolError(f"It sent a text of {length} bytes.")
        # There is nobody in the guest who would take it.
        await self._channel.skip(length)

    async def _continue_updates(self) -> None:
        enable, *area = await self._unpack("BHHHH")
        if enable:
            self._continuous = self._clipped(Rectangle(*area))
            self._wake.set()
        else:
            if self._continuous is not None:
                await self._channel.send(bytes((ServerMessage.END_OF_CONTINUOUS_UPDATES,)))
            self._continuous = None

    async def _fence(self) -> None:
        flags, length = await self._unpack("3xIB")
        if length > FENCE_LIMIT:
            raise ProtocolError(f"It sent a fence with {length} bytes.")
        payload = await self._channel.read(length)
        if flags & FENCE_REQUEST:
            head = struct.pack(">B3xIB", ServerMessage.FENCE, flags & FENCE_KNOWN, length)
            await self._channel.send(head + payload)

    async def _set_desktop_size(self) -> None:
        _width, _height, screens = await self._unpack("xHHBx")
        await self._channel.skip(16 * screens)
        self._notices["refusal"] = extended_desktop_size(self._size, 1, SIZE_PROHIBITED)
        self._wake.set()

    async def _qemu(self) -> None:
        (kind,) = await self._unpack("B")
        if kind != 0:
            raise ProtocolError(f"It sent a QEMU message of the unknown type {kind}.")
        down, keysym, keycode = await self._unpack("HII")
        self._input.qemu_key(keysym, keycode, down=bool(down))
        self._stage.look_soon()
