// The page: which view is shown, as the part of the address after # says.

import { field, make, say } from "./dom.js";
import { showConsole } from "./console.js";
import { showMachines } from "./machines.js";
import { logOff, logOn, token, whenSessionOver } from "./service.js";
import { showSettings } from "./settings.js";
import { text } from "./texts.js";

const view = document.getElementById("view");
const leaving = document.getElementById("logoff");
leaving.textContent = text.log_off;
let current = new AbortController();

function showLogon() {
  const user = make("input", { autocomplete: "username", required: true, name: "user" });
  const password = make("input", {
    type: "password", autocomplete: "current-password", required: true, name: "password",
  });
  const form = make(
    "form", { className: "card narrow" },
    make("h2", { textContent: text.log_on }), field(text.user, user),
    field(text.password, password),
    make("button", { className: "main", textContent: text.log_on }),
  );
  form.onsubmit = async (event) => {
    event.preventDefault();
    try {
      await logOn(user.value, password.value);
      say("");
      show();
    } catch (error) {
      say(error.message);
      password.select();
    }
  };
  view.replaceChildren(form);
  user.focus();
}

function show() {
  current.abort();
  current = new AbortController();
  leaving.hidden = !token();
  document.title = "Vitrine";
  if (!token()) {
    showLogon();
    return;
  }
  const [, kind, id] = /^#\/(console|settings)\/([0-9a-f-]{36})$/.exec(location.hash) ?? [];
  const views = { console: showConsole, settings: showSettings };
  const shown = (views[kind] ?? showMachines)(view, current.signal, id);
  shown.catch((error) => { if (error.name !== "AbortError") say(error.message); });
  view.focus();
}

leaving.onclick = async () => {
  try {
    await logOff();
  } catch (error) {
    say(error.message);
  }
  show();
};
whenSessionOver(() => { show(); say(text.session_over); });
window.addEventListener("hashchange", show);
show();
