// Keys of a browser: scan codes of set 1 (bit 7 for those with prefix E0) and keysyms of X11.

const ROW = "Escape Digit1 Digit2 Digit3 Digit4 Digit5 Digit6 Digit7 Digit8 Digit9 Digit0 Minus Equal "
    + "Backspace Tab KeyQ KeyW KeyE KeyR KeyT KeyY KeyU KeyI KeyO KeyP BracketLeft BracketRight "
    + "Enter ControlLeft KeyA KeyS KeyD KeyF KeyG KeyH KeyJ KeyK KeyL Semicolon Quote Backquote "
    + "ShiftLeft Backslash KeyZ KeyX KeyC KeyV KeyB KeyN KeyM Comma Period Slash ShiftRight "
    + "NumpadMultiply AltLeft Space CapsLock F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 NumLock ScrollLock "
    + "Numpad7 Numpad8 Numpad9 NumpadSubtract Numpad4 Numpad5 Numpad6 NumpadAdd Numpad1 Numpad2 "
    + "Numpad3 Numpad0 NumpadDecimal";
const SINGLE = {
  IntlBackslash: 0x56, F11: 0x57, F12: 0x58, KanaMode: 0x70, IntlRo: 0x73, Convert: 0x79,
  NonConvert: 0x7B, IntlYen: 0x7D, NumpadEnter: 0x9C, ControlRight: 0x9D, NumpadDivide: 0xB5,
  PrintScreen: 0xB7, AltRight: 0xB8, Pause: 0xC6, Home: 0xC7, ArrowUp: 0xC8, PageUp: 0xC9,
  ArrowLeft: 0xCB, ArrowRight: 0xCD, End: 0xCF, ArrowDown: 0xD0, PageDown: 0xD1, Insert: 0xD2,
  Delete: 0xD3, MetaLeft: 0xDB, MetaRight: 0xDC, ContextMenu: 0xDD,
};
const KEYSYMS = {
  Backspace: 0xFF08, Tab: 0xFF09, Enter: 0xFF0D, Pause: 0xFF13, ScrollLock: 0xFF14,
  Escape: 0xFF1B, Home: 0xFF50, ArrowLeft: 0xFF51, ArrowUp: 0xFF52, ArrowRight: 0xFF53,
  ArrowDown: 0xFF54, PageUp: 0xFF55, PageDown: 0xFF56, End: 0xFF57, Insert: 0xFF63,
  ContextMenu: 0xFF67, NumLock: 0xFF7F, ShiftLeft: 0xFFE1, ShiftRight: 0xFFE2,
  ControlLeft: 0xFFE3, ControlRight: 0xFFE4, CapsLock: 0xFFE5, AltLeft: 0xFFE9,
  AltRight: 0xFFEA, MetaLeft: 0xFFEB, MetaRight: 0xFFEC, Delete: 0xFFFF,
};

const scans = new Map(Object.entries(SINGLE));
ROW.split(" ").forEach((name, index) => scans.set(name, 1 + index));

export const scanOf = (code) => scans.get(code) ?? 0;

export function keysymOf(code, key) {
  if (code in KEYSYMS) return KEYSYMS[code];
  const functionKey = /^F([1-9]|1[0-2])$/.exec(code);
  if (functionKey) return 0xFFBD + Number(functionKey[1]);
  return [...key].length === 1 ? keysymOfLetter(key) : 0;
}

export function keysymOfLetter(letter) {
  if (letter === "\n") return KEYSYMS.Enter;
  if (letter === "\t") return KEYSYMS.Tab;
  const point = letter.codePointAt(0);
  return point < 0x100 ? point : 0x1000000 + point;
}
