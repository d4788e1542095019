// The console of a machine: screen, keyboard, mouse, and what a browser keeps for itself.

import { button, check, field, make, say } from "./dom.js";
import { keysymOf, keysymOfLetter, scanOf } from "./keys.js";
import { Rfb } from "./rfb.js";
import { call, openConsole } from "./service.js";
import { text } from "./texts.js";

const WRONG_USER = 4003, NO_DISPLAY = 4004;
const LEAVING = ["ControlLeft", "AltLeft", "ShiftLeft"];
const WHEEL_STEP = 50;
const LETTER_MS = 25;

export async function showConsole(view, signal, id) {
  const machine = await call("virtualbox.find_machine", { name_or_id: id });
  if (signal.aborted) return;
  document.title = `${machine.name} – Vitrine`;
  const canvas = make("canvas", { tabIndex: 0, width: 1, height: 1 });
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", `${text.screen_of} ${machine.name}. ${text.leave}`);
  const screen = make("div", { className: "screen fit" }, canvas);
  const status = make("span", { className: "quiet", role: "status" });
  const [scaleLabel, scale] = check(text.scale, true);
  const typed = make("input", { autocomplete: "off", autocapitalize: "off", spellcheck: false });
  const form = make("form", { className: "row" }, field(text.type_text, typed),
    make("button", { textContent: text.send }));
  const hint = make("p", { className: "quiet", textContent: text.leave });
  const buttons = make("div", { className: "row" });
  const keys = keyRow(() => rfb);
  const off = { autocomplete: "off", autocapitalize: "off", spellcheck: false };
  const user = make("input", { ...off, name: "display-user", required: true });
  const password = make("input", { ...off, name: "display-password", type: "password" });
  const entry = make("form", { className: "card narrow", hidden: true },
    make("p", { textContent: text.wants_user }), field(text.user, user),
    field(text.password, password),
    make("button", { className: "main", textContent: text.connect }));
  let rfb = null;

  function showScreen(shown) {
    for (const part of [screen, keys, hint, form]) part.hidden = !shown;
  }

  function ask(asking) {
    entry.hidden = !asking;
    showScreen(!asking);
    if (asking) (user.value ? password : user).focus();
  }

  function connect(credentials = null) {
    ask(false);
    status.textContent = text.connecting;
    rfb?.close();
    let asking = false;
    const told = {
      connected() { status.textContent = text.connected; canvas.focus(); },
      resized() { canvas.style.setProperty("--ratio", canvas.width / canvas.height); },
      wantsUser() {
        asking = true;
        status.textContent = "";
        ask(true);
      },
      ended(code, reason) {
        if (signal.aborted || rfb?.socket !== socket || asking) return;
        status.textContent = reason || text.ended;
        if (code === WRONG_USER) ask(true);
        if (code === NO_DISPLAY) offerDisplay();
      },
    };
    const socket = openConsole(id);
    rfb = new Rfb(socket, canvas, credentials, told);
    attach(canvas, rfb, leave);
  }

  function leave() { buttons.querySelector("a, button").focus(); }

  async function switchOn() {
    try {
      const base = await call("machine.get_settings", { id });
      const settings = structuredClone(base);
      settings.hardware.remote_display.enabled = true;
      await call("machine.save_settings", { id, settings, base });
      showButtons();
      connect();
    } catch (error) {
      say(error.message);
    }
  }

  async function offerDisplay() {
    const settings = await call("machine.get_settings", { id });
    if (settings.hardware.remote_display.enabled) return;
    status.textContent = text.display_off;
    showScreen(false);
    buttons.append(button(text.switch_on, switchOn, "main"));
  }

  function showButtons() {
    const cad = async () => {
      await call("console.insert_cad", { id }).catch((error) => say(error.message));
      canvas.focus();
    };
    buttons.replaceChildren(
      make("a", { className: "button", href: "#/", textContent: text.back }),
      button(text.cad, cad), button(text.reconnect, () => connect()), scaleLabel, status,
    );
  }

  scale.onchange = () => screen.classList.toggle("fit", scale.checked);
  form.onsubmit = (event) => {
    event.preventDefault();
    typeText(rfb, `${typed.value}\n`);
    typed.value = "";
  };
  entry.onsubmit = (event) => {
    event.preventDefault();
    connect({ user: user.value, password: password.value });
    password.value = "";
  };
  showButtons();
  view.replaceChildren(make("h2", { textContent: machine.name }), buttons, entry, screen,
    keys, hint, form);
  signal.addEventListener("abort", () => rfb?.close());
  connect();
}

// Buttons that press a key: a telephone has no such keys.
function keyRow(connection) {
  const row = make("div", { className: "row keys", role: "group" });
  row.setAttribute("aria-label", text.keys);
  const [left, up, down, right] = text.arrows;
  const keys = [
    ["Escape", text.key_escape], ["Tab", text.key_tab], ["ArrowLeft", "←", left],
    ["ArrowUp", "↑", up], ["ArrowDown", "↓", down], ["ArrowRight", "→", right],
    ["Delete", text.key_delete], ["ControlLeft KeyC", text.key_break],
  ];
  for (const [codes, label, spoken] of keys) {
    const pressed = button(label, () => press(connection(), codes.split(" ")));
    if (spoken) pressed.setAttribute("aria-label", spoken);
    row.append(pressed);
  }
  return row;
}

function press(rfb, codes) {
  const tell = (code, down) => rfb.key(scanOf(code), keysymOf(code, code.slice(-1).toLowerCase()), down);
  for (const code of codes) tell(code, true);
  for (const code of codes.toReversed()) tell(code, false);
}

async function typeText(rfb, letters) {
  for (const letter of letters) {
    const keysym = keysymOfLetter(letter);
    rfb.key(0, keysym, true);
    rfb.key(0, keysym, false);
    await new Promise((resolve) => { setTimeout(resolve, LETTER_MS); });
  }
}

function attach(canvas, rfb, leave) {
  const down = new Map();

  function release() {
    for (const [code, keysym] of down) rfb.key(scanOf(code), keysym, false);
    down.clear();
  }

  canvas.onkeydown = (event) => {
    event.preventDefault();
    event.stopPropagation();
    const keysym = down.get(event.code) ?? keysymOf(event.code, event.key);
    down.set(event.code, keysym);
    rfb.key(scanOf(event.code), keysym, true);
    if (LEAVING.every((code) => down.has(code))) {
      release();
      leave();
    }
  };
  canvas.onkeyup = (event) => {
    event.preventDefault();
    const keysym = down.get(event.code);
    if (keysym === undefined) return;
    down.delete(event.code);
    rfb.key(scanOf(event.code), keysym, false);
  };
  canvas.onblur = release;
  canvas.oncontextmenu = (event) => event.preventDefault();
  attachPointer(canvas, rfb);
}

function attachPointer(canvas, rfb) {
  let turned = 0;

  function place(event) {
    if (rfb.relative) return [event.movementX, event.movementY];
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * canvas.width / box.width,
      (event.clientY - box.top) * canvas.height / box.height];
  }

  // Bits of a browser: 1 left, 2 right, 4 middle; of RFB: 1 left, 2 middle, 4 right.
  const bits = (event) => (event.buttons & 1) | ((event.buttons & 4) >> 1) | ((event.buttons & 2) << 1);

  function tell(event) {
    rfb.pointer(bits(event), ...place(event));
  }

  canvas.onpointermove = tell;
  canvas.onpointerup = tell;
  canvas.onpointerdown = (event) => {
    canvas.focus();
    if (rfb.relative && document.pointerLockElement !== canvas) {
      Promise.resolve(canvas.requestPointerLock()).catch(() => {});
      return;
    }
    canvas.setPointerCapture(event.pointerId);
    tell(event);
  };
  canvas.onwheel = (event) => {
    event.preventDefault();
    turned += event.deltaY * (event.deltaMode === 1 ? 20 : 1);
    for (; Math.abs(turned) >= WHEEL_STEP; turned -= Math.sign(turned) * WHEEL_STEP) {
      const [x, y] = rfb.relative ? [0, 0] : place(event);
      rfb.pointer(bits(event) | (turned < 0 ? 8 : 16), x, y);
      rfb.pointer(bits(event), x, y);
    }
  };
}
