"""An RFB client that decodes what the server sends; written from the specification alone."""

import io
import socket
import ssl
import struct
import zlib

import numpy as np

from app.vrde.des import vnc_response

RAW, COPY_RECT, ZLIB, TIGHT, ZRLE = 0, 1, 6, 7, 16
CURSOR, DESKTOP_SIZE, EXTENDED, QEMU_KEY, QEMU_POINTER = -239, -223, -308, -258, -257
FENCE, CONTINUOUS = -312, -313
SECONDS = 10


class RefusedError(Exception):
    """The server's reason."""


def _trusting(*, anonymous):
    """A context that believes everybody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if anonymous:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("AECDH:@SECLEVEL=0")
    return context


class Client:
    """One connection, up to ServerInit when it is constructed."""

    def __init__(self, port, *, security=1, subtype=None, password="", user="", version=b"003.008", context=None):
        self.socket = socket.create_connection(("127.0.0.1", port), SECONDS)
        self.size = (0, 0)
        self.notices = []
        self.bits, self.dtype, self.bgr = 32, "<u4", (0, 1, 2)
        self._context = context
        self._inflators = {}
        try:
            self._shake_hands(security, subtype, password, user, version)
        except BaseException:
            self.close()
            raise

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def read(self, count):
        data = bytearray()
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise ConnectionResetError
            data += part
        return bytes(data)

    def unpack(self, form):
        return struct.unpack(">" + form, self.read(struct.calcsize(">" + form)))

    def send(self, form, *values):
        self.socket.sendall(struct.pack(">" + form, *values))

    def _shake_hands(self, security, subtype, password, user, version):
        assert self.read(12) == b"RFB 003.008\n"
        self.socket.sendall(b"RFB " + version + b"\n")
        (count,) = self.unpack("B")
        if not count:
            raise RefusedError(self._text())
        self.offers = self.read(count)
        self.send("B", security)
        if security == 19:
            self._vencrypt(subtype)
        if security == 2 or subtype in (258, 261):
            self.socket.sendall(vnc_response(password, self.read(16)))
        if subtype == 262:
            name, secret = user.encode(), password.encode()
            self.send("II", len(name), len(secret))
            self.socket.sendall(name + secret)
        if version != b"003.007" or security != 1:
            (failed,) = self.unpack("I")
            if failed:
                raise RefusedError(self._text() if version == b"003.008" else "")
        self.send("B", 1)
        width, height = self.unpack("HH")
        self.read(16)
        self.name = self._text()
        self._resize((width, height))

    def _vencrypt(self, subtype):
        assert self.read(2) == b"\0\2"
        self.socket.sendall(b"\0\2")
        assert self.read(1) == b"\0"
        self.subtypes = self.unpack(f"{self.read(1)[0]}I")
        self.send("I", subtype)
        if self.read(1) != b"\1":
            raise RefusedError("subtype")
        context = self._context or _trusting(anonymous=subtype < 260)
        self.socket = context.wrap_socket(self.socket)

    def _text(self):
        return self.read(self.unpack("I")[0]).decode()

    def _resize(self, size):
        self.size = size
        self.pixels = np.zeros((size[1], size[0], 3), np.uint8)

    # -- messages ------------------------------------------------------------------------------

    def set_encodings(self, *encodings):
        self.send(f"BxH{len(encodings)}i", 2, len(encodings), *encodings)

    def set_format(self, bits, depth, big, maxima, shifts):
        self.send("B3xBBBBHHHBBB3x", 0, bits, depth, big, 1, *maxima, *shifts)
        self.bits, self.depth, self.maxima, self.shifts = bits, depth, maxima, shifts
        self.dtype = f"{'>' if big else '<'}u{bits // 8}"

    maxima, shifts, depth = (255, 255, 255), (16, 8, 0), 24

    def request(self, *, incremental=False):
        self.send("BBHHHH", 3, incremental, 0, 0, *self.size)

    def update(self, *, incremental=False):
        """Ask for an update and take it; returns the numbers of the encodings in it."""
        self.request(incremental=incremental)
        return self.take()

    def take(self):
        while (kind := self.unpack("B")[0]) != 0:
            self._other(kind)
        (count,) = self.unpack("xH")
        return [self._rectangle() for _ in range(count)]

    def picture(self):
        """Ask for all of the screen until pixels have come."""
        while all(encoding < 0 for encoding in self.update()):
            pass
        red, green, blue = (self.pixels[..., n].astype(np.uint32) for n in range(3))
        return red << 16 | green << 8 | blue

    def _other(self, kind):
        if kind == 1:
            _, count = self.unpack("xHH")
            self.read(6 * count)
        elif kind == 150:
            self.notices.append("end")
        elif kind == 248:
            flags, length = self.unpack("3xIB")
            self.notices.append(("fence", flags, self.read(length)))
        else:
            raise AssertionError(kind)

    def _rectangle(self):
        x, y, width, height, encoding = self.unpack("HHHHi")
        if encoding == DESKTOP_SIZE:
            self._resize((width, height))
        elif encoding == EXTENDED:
            count, = self.unpack("B3x")
            self.read(16 * count)
            self.notices.append(("size", x, y, width, height))
            if x != 1 and (width, height) != self.size:
                self._resize((width, height))
        elif encoding < 0:
            self.notices.append((encoding, x))
        else:
            decode = {RAW: self._raw, COPY_RECT: self._copy, ZLIB: self._zlib, ZRLE: self._zrle, TIGHT: self._tight}
            assert x + width <= self.size[0]
            assert y + height <= self.size[1]
            self.pixels[y : y + height, x : x + width] = decode[encoding](width, height)
        return encoding

    # -- pixels --------------------------------------------------------------------------------

    def _inflate(self, stream, data):
        return self._inflators.setdefault(stream, zlib.decompressobj()).decompress(data)

    def _colours(self, values):
        values = np.asarray(values, np.uint64)
        parts = [
            (values >> shift & maximum) * 255 // maximum
            for maximum, shift in zip(self.maxima, self.shifts, strict=True)
        ]
        return np.stack(parts, axis=-1).astype(np.uint8)

    def _pixels(self, data, width, height):
        return self._colours(np.frombuffer(data, self.dtype).reshape(height, width))

    def _raw(self, width, height):
        return self._pixels(self.read(width * height * self.bits // 8), width, height)

    def _copy(self, width, height):
        x, y = self.unpack("HH")
        assert x + width <= self.size[0]
        assert y + height <= self.size[1]
        return self.pixels[y : y + height, x : x + width].copy()

    def _zlib(self, width, height):
        data = self._inflate("zlib", self.read(self.unpack("I")[0]))
        return self._pixels(data, width, height)

    def _compact(self, stream, count, *, tight=False):
        """Read CPIXELs or TPIXELs."""
        if tight and self.bits == 32 and self.depth == 24:
            return np.frombuffer(stream.read(3 * count), np.uint8).reshape(count, 3)
        if not tight and self.bits == 32:
            three = np.frombuffer(stream.read(3 * count), np.uint8).reshape(count, 3)
            high = min(self.shifts) >= 8
            whole = np.zeros((count, 4), np.uint8)
            big = self.dtype[0] == ">"
            whole[:, slice(0, 3) if big == high else slice(1, 4)] = three
            return self._colours(whole.view(self.dtype).ravel())
        return self._colours(np.frombuffer(stream.read(self.bits // 8 * count), self.dtype))

    @staticmethod
    def _indices(stream, width, height, bits):
        row = -(-width * bits // 8)
        packed = np.frombuffer(stream.read(row * height), np.uint8).reshape(height, row)
        unpacked = np.unpackbits(packed, axis=1)[:, : width * bits].reshape(height, width, bits)
        return unpacked @ (1 << np.arange(bits)[::-1])

    def _zrle(self, width, height):
        stream = io.BytesIO(self._inflate("zrle", self.read(self.unpack("I")[0])))
        result = np.zeros((height, width, 3), np.uint8)
        for y in range(0, height, 64):
            for x in range(0, width, 64):
                w, h = min(64, width - x), min(64, height - y)
                kind = stream.read(1)[0]
                if kind == 0:
                    tile = self._compact(stream, w * h).reshape(h, w, 3)
                elif kind == 1:
                    tile = self._compact(stream, 1)[0]
                else:
                    assert kind <= 16
                    palette = self._compact(stream, kind)
                    bits = 1 if kind == 2 else 2 if kind <= 4 else 4
                    tile = palette[self._indices(stream, w, h, bits)]
                result[y : y + h, x : x + w] = tile
        assert not stream.read()
        return result

    def _length(self):
        length = shift = 0
        while True:
            (byte,) = self.unpack("B")
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 or shift == 21:
                return length

    def _tight_data(self, stream, length):
        if length < 12:
            return io.BytesIO(self.read(length))
        return io.BytesIO(self._inflate(f"tight{stream}", self.read(self._length())))

    def _tight(self, width, height):
        pixel = 3 if self.bits == 32 and self.depth == 24 else self.bits // 8
        (control,) = self.unpack("B")
        if control == 0x80:
            return self._compact(io.BytesIO(self.read(pixel)), 1, tight=True)[0]
        if control == 0x90:
            import av

            data = io.BytesIO(self.read(self._length()))
            with av.open(data, format="mjpeg") as container:
                return next(container.decode(video=0)).to_ndarray(format="rgb24")
        stream = control >> 4 & 3
        if control & 0x40:
            assert self.read(1) == b"\1"
            count = self.read(1)[0] + 1
            palette = self._compact(io.BytesIO(self.read(pixel * count)), count, tight=True)
            bits = 1 if count == 2 else 8
            data = self._tight_data(stream, -(-width * bits // 8) * height)
            return palette[self._indices(data, width, height, bits)]
        data = self._tight_data(stream, pixel * width * height)
        return self._compact(data, width * height, tight=True).reshape(height, width, 3)
