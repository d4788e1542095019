// The list of machines with live states and pictures.

import { button, make, say } from "./dom.js";
import { call, follow, operate, picture } from "./service.js";
import { stateText, text } from "./texts.js";

const PICTURE_MS = 4000;
const ONLINE = new Set(["Running", "Paused", "Stuck"]);
const STARTABLE = new Set(["PoweredOff", "Saved", "Aborted", "AbortedSaved"]);

export async function showMachines(view, signal) {
  const list = make("ul", { className: "machines" });
  const none = make("p", { className: "quiet", textContent: text.no_machines, hidden: true });
  view.replaceChildren(make("h2", { textContent: text.machines }), none, list);
  const cards = new Map();

  async function refresh() {
    const machines = await call("virtualbox.list_machines");
    if (signal.aborted) return;
    none.hidden = machines.length > 0;
    const known = new Set(machines.map((machine) => machine.id));
    for (const [id, card] of cards) {
      if (!known.has(id)) { card.remove(); cards.delete(id); }
    }
    for (const machine of machines) {
      if (!cards.has(machine.id)) cards.set(machine.id, new Card(machine.id));
      const card = cards.get(machine.id);
      card.update(machine);
      if (card.element.parentNode !== list) list.append(card.element);
    }
  }

  let waiting = 0;
  function refreshSoon() {
    clearTimeout(waiting);
    waiting = setTimeout(() => refresh().catch((error) => say(error.message)), 100);
  }
  const pictures = setInterval(() => {
    if (!document.hidden) for (const card of cards.values()) card.refreshPicture(false);
  }, PICTURE_MS);
  signal.addEventListener("abort", () => {
    clearTimeout(waiting);
    clearInterval(pictures);
    for (const card of cards.values()) card.remove();
  });
  await refresh();
  follow((name) => { if (/^(Machine|Session)/.test(name)) refreshSoon(); }, refreshSoon, signal);
}

class Card {
  constructor(id) {
    this.id = id;
    this.state = "";
    this.address = "";
    this.image = make("img", { alt: "", hidden: true });
    this.frame = make("div", { className: "picture empty" }, this.image);
    this.title = make("h3");
    this.status = make("span", { className: "state" });
    this.facts = make("span", { className: "quiet" });
    this.buttons = make("div", { className: "row" });
    this.element = make(
      "li", { className: "card" }, this.frame, this.title,
      make("div", { className: "row" }, this.status, this.facts), this.buttons,
    );
    this.element.dataset.machine = id;
  }

  update(machine) {
    this.title.textContent = machine.name;
    this.facts.textContent = machine.accessible
      ? text.mb(machine.memory_mb) : machine.access_error;
    const changed = machine.state !== this.state || machine.accessible !== this.accessible;
    this.status.textContent = machine.accessible ? stateText(machine.state) : text.inaccessible;
    if (!changed) return;
    this.state = machine.state;
    this.accessible = machine.accessible;
    this.status.className = `state ${ONLINE.has(machine.state) ? "on" : ""} ${
      /Aborted|Stuck/.test(machine.state) || !machine.accessible ? "bad" : ""}`;
    this.showButtons();
    this.refreshPicture(true);
  }

  showButtons() {
    const all = [];
    const add = (label, method, question, params) => all.push(
      button(label, () => this.order(method, question, params), question ? "danger" : ""),
    );
    if (this.accessible && STARTABLE.has(this.state)) {
      add(text.start, "machine.launch", "", { frontend: "headless" });
      all[0].className = "main";
    }
    if (ONLINE.has(this.state)) {
      all.push(make("a", {
        className: "button", href: `#/console/${this.id}`, textContent: text.console,
      }));
    }
    if (this.state === "Running") add(text.pause, "console.pause", "");
    if (this.state === "Paused") add(text.resume, "console.resume", "");
    if (this.state === "Running" || this.state === "Paused") {
      add(text.save_state, "machine.save_state", "");
      if (this.state === "Running") {
        add(text.power_button, "console.power_button", "");
        add(text.reset, "console.reset", text.sure_reset);
      }
    }
    if (ONLINE.has(this.state)) add(text.power_off, "console.power_off", text.sure_power_off);
    if (this.accessible) {
      all.push(make("a", {
        className: "button", href: `#/settings/${this.id}`, textContent: text.settings,
      }));
    }
    const focused = this.buttons.contains(document.activeElement);
    this.buttons.replaceChildren(...all);
    if (focused) all[0]?.focus();
  }

  async order(method, question, params = {}) {
    if (question && !confirm(question)) return;
    for (const each of this.buttons.querySelectorAll("button")) each.disabled = true;
    try {
      await operate(method, { id: this.id, ...params }, (info) => {
        this.facts.textContent = info.percent ? text.percent(info.percent) : "…";
      });
    } catch (error) {
      say(error.message);
    }
    this.showButtons();
  }

  async refreshPicture(changed) {
    if (this.loading || !(changed || this.state === "Running")) return;
    this.loading = true;
    // What is wrong with the connection is told by the list.
    const blob = await picture(this.id).catch(() => null);
    this.loading = false;
    const before = this.address;
    this.address = blob?.size ? URL.createObjectURL(blob) : "";
    if (this.address) this.image.src = this.address;
    else this.image.removeAttribute("src");
    this.image.hidden = !this.address;
    this.frame.classList.toggle("empty", !this.address);
    this.image.alt = this.address ? `${text.screen_of} ${this.title.textContent}` : "";
    URL.revokeObjectURL(before);
  }

  remove() {
    this.element.remove();
    URL.revokeObjectURL(this.address);
  }
}
