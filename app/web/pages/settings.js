// The common settings of a machine.

import { button, check, field, make, say, select } from "./dom.js";
import { call } from "./service.js";
import { text } from "./texts.js";

const DEVICES = ["None", "Floppy", "DVD", "HardDisk", "Network"];
const ATTACHMENTS = ["Null", "NAT", "Bridged", "Internal", "HostOnly", "Generic", "NATNetwork"];
// Which field of an adapter names what it is attached to.
const NAMES = {
  Bridged: "bridged_interface", Internal: "internal_network", HostOnly: "host_only_interface",
  Generic: "generic_driver", NATNetwork: "nat_network",
};
const CHANGEABLE = new Set(["PoweredOff", "Aborted"]);

function number(value, min, max) {
  return make("input", { type: "number", min, max, required: true, value });
}

function networkFields(adapter, off) {
  const [onLabel, on] = check(text.network_on, adapter.enabled);
  on.disabled = !off;
  const [cableLabel, cable] = check(text.cable, adapter.cable_connected);
  const attached = select(ATTACHMENTS, adapter.attachment, text.attachments);
  const name = make("input", {});
  const nameField = field(text.network_name, name);
  const wantName = () => { name.required = on.checked && attached.value in NAMES; };
  const showName = () => {
    nameField.hidden = !(attached.value in NAMES);
    name.value = adapter[NAMES[attached.value]] ?? "";
    wantName();
  };
  on.onchange = wantName;
  attached.onchange = showName;
  showName();
  const element = make("fieldset", {}, make("legend", { textContent: text.network }),
    onLabel, field(text.attached, attached), nameField, cableLabel);
  const store = (target) => {
    target.enabled = on.checked;
    target.cable_connected = cable.checked;
    target.attachment = attached.value;
    if (attached.value in NAMES) target[NAMES[attached.value]] = name.value;
  };
  return [element, store];
}

function displayFields(display) {
  const [onLabel, on] = check(text.display_on, display.enabled);
  const ports = make("input", {
    value: display.properties["TCP/Ports"] ?? "", pattern: "[0-9, \\-]*", placeholder: "3389",
  });
  const element = make("fieldset", {}, make("legend", { textContent: text.display }),
    onLabel, field(text.ports, ports));
  const store = (target) => {
    target.enabled = on.checked;
    if (ports.value) target.properties["TCP/Ports"] = ports.value;
    else delete target.properties["TCP/Ports"];
  };
  return [element, store];
}

export async function showSettings(view, signal, id) {
  const [base, machine] = await Promise.all([
    call("machine.get_settings", { id }), call("virtualbox.find_machine", { name_or_id: id }),
  ]);
  if (signal.aborted) return;
  const { hardware } = base;
  const off = CHANGEABLE.has(machine.state);
  const name = make("input", { value: base.name, required: true });
  const description = make("textarea", { value: base.description, rows: 3 });
  const memory = number(hardware.memory_mb, 4, 2097152);
  const cpus = number(hardware.cpu.count, 1, 64);
  const order = hardware.boot_order.map((device, index) => {
    const element = select(DEVICES, device, text.devices);
    element.setAttribute("aria-label", `${text.device} ${index + 1}`);
    return element;
  });
  const adapter = hardware.network_adapters.find((each) => each.slot === 0);
  for (const each of [name, memory, cpus, ...order]) each.disabled = !off;
  const [network, storeNetwork] = adapter ? networkFields(adapter, off) : [null, () => {}];
  const [display, storeDisplay] = displayFields(hardware.remote_display);

  function wanted() {
    const settings = structuredClone(base);
    settings.name = name.value;
    settings.description = description.value;
    settings.hardware.memory_mb = Number(memory.value);
    settings.hardware.cpu.count = Number(cpus.value);
    settings.hardware.boot_order = order.map((each) => each.value);
    storeNetwork(settings.hardware.network_adapters.find((each) => each.slot === 0));
    storeDisplay(settings.hardware.remote_display);
    return settings;
  }

  const form = make(
    "form", { className: "card wide" },
    make("h2", { textContent: `${base.name} – ${text.settings}` }),
    off ? null : make("p", { className: "quiet", textContent: text.runs }),
    field(text.name, name), field(text.description, description),
    make("div", { className: "two" }, field(text.memory, memory), field(text.cpus, cpus)),
    make("fieldset", {}, make("legend", { textContent: text.boot_order }),
      make("div", { className: "boot" }, ...order)),
    make("div", { className: "two" }, ...[network, display].filter(Boolean)),
    make("div", { className: "row" },
      make("button", { className: "main", textContent: text.save }),
      button(text.cancel, () => { location.hash = "#/"; })),
  );
  form.onsubmit = async (event) => {
    event.preventDefault();
    try {
      await call("machine.save_settings", { id, settings: wanted(), base });
      location.hash = "#/";
    } catch (error) {
      say(error.message);
    }
  };
  view.replaceChildren(form);
}
