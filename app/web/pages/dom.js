// Elements made in one line. Text is set as text, never as HTML.

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

export function button(label, onclick, className = "") {
  return make("button", { type: "button", className, onclick, textContent: label });
}

export function field(label, input) {
  return make("label", {}, label, input);
}

export function check(label, checked) {
  const input = make("input", { type: "checkbox", checked });
  return [make("label", { className: "check" }, input, label), input];
}

export function select(values, current, words = {}) {
  const all = values.includes(current) ? values : [current, ...values];
  const options = all.map(
    (value) => make("option", { value, textContent: words[value] ?? (value || "–") }),
  );
  const element = make("select", {}, ...options);
  element.value = current;
  return element;
}

let hiding = 0;

export function say(sentence) {
  const place = document.getElementById("message");
  place.textContent = sentence;
  place.hidden = !sentence;
  clearTimeout(hiding);
  hiding = setTimeout(() => { place.hidden = true; }, 12000);
}
