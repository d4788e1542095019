// Calls of the web service. The token lives as long as this tab, and is sent as a header only.

import { text } from "./texts.js";

const PREFIX = "/api/v1";
const KEY = "vitrine-token";
let onSessionOver = () => {};

export class Problem extends Error {
  constructor(details) {
    super(details.detail ?? text.lost);
    this.status = details.status ?? 0;
    this.code = details.code ?? "";
  }
}

export const token = () => sessionStorage.getItem(KEY);
export function whenSessionOver(callback) { onSessionOver = callback; }

async function request(method, path, body, headers = {}, signal = undefined) {
  const options = { method, headers: { ...headers }, signal };
  if (token()) options.headers.Authorization = `Bearer ${token()}`;
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(PREFIX + path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({});
  }
  if (answer.ok) return answer;
  const details = await answer.json().catch(() => ({ status: answer.status }));
  if (answer.status === 401 && token() && path !== "/logon") {
    sessionStorage.removeItem(KEY);
    onSessionOver();
  }
  throw new Problem(details);
}

export async function logOn(user, password) {
  const answer = await request("POST", "/logon", { user, password });
  sessionStorage.setItem(KEY, (await answer.json()).token);
}

export async function logOff() {
  try {
    await request("POST", "/logoff", {});
  } finally {
    sessionStorage.removeItem(KEY);
  }
}

export async function call(method, params = {}) {
  const answer = await request("POST", `/${method.replace(".", "/")}`, params);
  return answer.json();
}

// A long call; tells its progress and waits for its end.
export async function operate(method, params, onProgress) {
  const path = `/${method.replace(".", "/")}`;
  let info = await (await request("POST", path, params, { Prefer: "respond-async" })).json();
  while (!info.completed) {
    onProgress(info);
    await new Promise((resolve) => { setTimeout(resolve, 400); });
    info = await (await request("GET", `/operations/${info.id}`)).json();
  }
  await request("DELETE", `/operations/${info.id}`);
  if (info.problem) throw new Problem(info.problem);
  return info.result;
}

// A picture of a machine's screen; an empty one when it has none.
export async function picture(machine) {
  return (await request("GET", `/machines/${machine}/picture`)).blob();
}

// Calls back with [name, data] for each event until the signal aborts; begins anew when cut off.
export async function follow(onEvent, onBegin, signal) {
  while (!signal.aborted && token()) {
    try {
      const answer = await request("GET", "/events", undefined, {}, signal);
      onBegin();
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let waiting = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        waiting += value;
        const blocks = waiting.split("\n\n");
        waiting = blocks.pop();
        for (const block of blocks) {
          const found = /^event: (\w+)\ndata: (.*)$/s.exec(block);
          if (found) onEvent(found[1], JSON.parse(found[2]));
        }
      }
    } catch (error) {
      if (signal.aborted || error.status === 401) return;
    }
    await new Promise((resolve) => { setTimeout(resolve, 2000); });
  }
}

export function openConsole(machine) {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const address = `${scheme}//${location.host}${PREFIX}/machines/${machine}/rfb`;
  return new WebSocket(address, ["vitrine.rfb", `vitrine.token.${token()}`]);
}
