// An RFB 3.8 client (RFC 6143) for a canvas: Raw, CopyRect and Zlib, changes of size, QEMU's
// extended key events and pointer motion. The web service has authenticated it already, unless the
// machine's display wants a user: then name and password go by VeNCrypt's Plain.

const RAW = 0, COPY = 1, ZLIB = 6;
const DESKTOP_SIZE = -223, QEMU_POINTER = -257, QEMU_KEY = -258, EXTENDED_SIZE = -308;
const VENCRYPT = 19, PLAIN = 256;
const MAX_SIDE = 16384;

// Bytes in the order in which messages bring them.
class Bytes {
  constructor() {
    this.parts = [];
    this.length = 0;
    this.wake = null;
    this.over = false;
  }

  add(part) {
    this.parts.push(part);
    this.length += part.length;
    this.wake?.();
  }

  end() {
    this.over = true;
    this.wake?.();
  }

  async take(count) {
    while (this.length < count) {
      if (this.over) throw new Error("the connection has ended");
      await new Promise((resolve) => { this.wake = resolve; });
    }
    this.length -= count;
    if (this.parts[0]?.length >= count) return this.takeFirst(count);
    const result = new Uint8Array(count);
    for (let at = 0; at < count;) {
      const part = this.takeFirst(Math.min(count - at, this.parts[0].length));
      result.set(part, at);
      at += part.length;
    }
    return result;
  }

  takeFirst(count) {
    if (count === 0) return new Uint8Array(0);
    const first = this.parts[0];
    if (first.length === count) this.parts.shift();
    else this.parts[0] = first.subarray(count);
    return first.subarray(0, count);
  }
}

// One zlib stream over many rectangles.
class Inflater {
  constructor() {
    const stream = new DecompressionStream("deflate");
    this.writer = stream.writable.getWriter();
    this.output = new Bytes();
    this.pump(stream.readable.getReader());
  }

  async pump(reader) {
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        this.output.add(value);
      }
    } finally {
      this.output.end();
    }
  }

  async inflate(packed, length) {
    this.writer.write(packed.slice()).catch(() => this.output.end());
    return this.output.take(length);
  }
}

const view = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export class Rfb {
  // socket: an open or opening WebSocket. canvas: gets the picture.
  // credentials: user and password; null until they are known.
  // told: functions connected(), resized(), ended(code, reason), and wantsUser(), after which
  // the connection ends.
  constructor(socket, canvas, credentials, told) {
    this.socket = socket;
    this.canvas = canvas;
    this.credentials = credentials;
    this.context = canvas.getContext("2d", { alpha: false });
    this.told = told;
    this.input = new Bytes();
    this.inflater = new Inflater();
    this.relative = false;
    this.extendedKeys = false;
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => this.input.add(new Uint8Array(event.data));
    socket.onclose = (event) => {
      this.input.end();
      told.ended(event.code, event.reason);
    };
    this.run().catch(() => socket.close());
  }

  close() { this.socket.close(); }

  send(bytes) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(new Uint8Array(bytes));
  }

  async run() {
    await this.input.take(12);
    this.send([..."RFB 003.008\n"].map((letter) => letter.charCodeAt(0)));
    const [count] = await this.input.take(1);
    const kinds = await this.input.take(count);
    if (kinds.includes(VENCRYPT)) await this.identify();
    else this.send([1]);
    await this.input.take(4);
    this.send([1]);
    const start = view(await this.input.take(24));
    await this.input.take(start.getUint32(20));
    this.resize(start.getUint16(0), start.getUint16(2));
    // 32 bits a pixel, red in the lowest byte: the order of ImageData.
    this.send([0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 0, 8, 16, 0, 0, 0]);
    const encodings = [COPY, ZLIB, RAW, QEMU_KEY, QEMU_POINTER, EXTENDED_SIZE, DESKTOP_SIZE];
    const message = new DataView(new ArrayBuffer(4 + 4 * encodings.length));
    message.setUint8(0, 2);
    message.setUint16(2, encodings.length);
    encodings.forEach((encoding, index) => message.setInt32(4 + 4 * index, encoding));
    this.send(message.buffer);
    this.ask(false);
    this.told.connected();
    for (;;) await this.receive();
  }

  async identify() {
    if (!this.credentials) {
      this.told.wantsUser();
      throw new Error("a user is wanted");
    }
    this.send([VENCRYPT]);
    await this.input.take(2);
    this.send([0, 2]);
    await this.input.take(6); // Plain is all that is offered
    this.send([0, 0, PLAIN >> 8, PLAIN & 255]);
    const letters = new TextEncoder();
    const user = letters.encode(this.credentials.user);
    const password = letters.encode(this.credentials.password);
    this.credentials = null;
    const lengths = new DataView(new ArrayBuffer(8));
    lengths.setUint32(0, user.length);
    lengths.setUint32(4, password.length);
    this.send([...new Uint8Array(lengths.buffer), ...user, ...password]);
  }

  ask(incremental) {
    const [width, height] = [this.canvas.width, this.canvas.height];
    this.send([3, incremental ? 1 : 0, 0, 0, 0, 0, width >> 8, width & 255, height >> 8,
      height & 255]);
  }

  async receive() {
    const [kind] = await this.input.take(1);
    if (kind === 0) {
      await this.update();
    } else if (kind === 1) { // colour map: not for true colours
      const header = view(await this.input.take(5));
      await this.input.take(6 * header.getUint16(3));
    } else if (kind === 3) { // clipboard of the guest: there is none without additions
      await this.input.take(view(await this.input.take(7)).getUint32(3));
    } else if (kind !== 2) { // 2: bell
      throw new Error(`message ${kind}`);
    }
  }

  async update() {
    const count = view(await this.input.take(3)).getUint16(1);
    let resized = false;
    for (let index = 0; index < count; index += 1) {
      const header = view(await this.input.take(12));
      const [x, y, width, height] = [0, 2, 4, 6].map((at) => header.getUint16(at));
      const encoding = header.getInt32(8);
      if (encoding === RAW) this.draw(x, y, width, height, await this.input.take(width * height * 4));
      else if (encoding === COPY) await this.copy(x, y, width, height);
      else if (encoding === ZLIB) await this.zlib(x, y, width, height);
      else if (encoding === QEMU_KEY) this.extendedKeys = true;
      else if (encoding === QEMU_POINTER) this.relative = x === 0;
      else if (encoding === DESKTOP_SIZE) resized = this.resize(width, height);
      else if (encoding === EXTENDED_SIZE) {
        const [screens] = await this.input.take(4);
        await this.input.take(16 * screens);
        // x tells who asked, y whether it failed.
        if (y === 0) resized = this.resize(width, height);
      } else throw new Error(`encoding ${encoding}`);
    }
    this.ask(!resized);
  }

  resize(width, height) {
    if (width > MAX_SIDE || height > MAX_SIDE) throw new Error("a screen too large");
    if (width === this.canvas.width && height === this.canvas.height) return false;
    this.canvas.width = width;
    this.canvas.height = height;
    this.told.resized();
    return true;
  }

  draw(x, y, width, height, bytes) {
    if (!width || !height) return;
    const copy = new Uint8ClampedArray(bytes);
    const pixels = new Uint32Array(copy.buffer);
    for (let index = 0; index < pixels.length; index += 1) pixels[index] |= 0xFF000000;
    this.context.putImageData(new ImageData(copy, width, height), x, y);
  }

  async copy(x, y, width, height) {
    const from = view(await this.input.take(4));
    this.context.drawImage(this.canvas, from.getUint16(0), from.getUint16(2), width, height,
      x, y, width, height);
  }

  async zlib(x, y, width, height) {
    const length = view(await this.input.take(4)).getUint32(0);
    const packed = await this.input.take(length);
    const bytes = await this.inflater.inflate(packed, width * height * 4);
    this.draw(x, y, width, height, bytes);
  }

  // scan: code of set 1, bit 7 for those with prefix E0; 0: only the keysym is known.
  key(scan, keysym, down) {
    const message = new DataView(new ArrayBuffer(scan && this.extendedKeys ? 12 : 8));
    if (scan && this.extendedKeys) {
      message.setUint8(0, 255);
      message.setUint16(2, down ? 1 : 0);
      message.setUint32(4, keysym);
      message.setUint32(8, scan);
    } else {
      if (!keysym) return;
      message.setUint8(0, 4);
      message.setUint8(1, down ? 1 : 0);
      message.setUint32(4, keysym);
    }
    this.send(message.buffer);
  }

  pointer(buttons, x, y) {
    const clamp = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
    const [px, py] = this.relative
      ? [clamp(x + 0x7FFF, 0xFFFF), clamp(y + 0x7FFF, 0xFFFF)]
      : [clamp(x, this.canvas.width - 1), clamp(y, this.canvas.height - 1)];
    this.send([5, buttons, px >> 8, px & 255, py >> 8, py & 255]);
  }
}
