"use strict";
// Keeps a page of `tp serve` up to date: what has changed on the server replaces what is shown, part by part.
const main = document.querySelector("main");
const keyed = (parts) => new Map([...parts].map((part, at) => [part.id || `${part.tagName} ${at}`, part]));
const served = new Map([...keyed(main.children)].map(([key, part]) => [key, part.outerHTML]));

const keepState = (before, after) => {
  const folded = [...before.querySelectorAll("details")].map((one) => one.open);
  [...after.querySelectorAll("details")].forEach((one, at) => { one.open = folded[at] ?? one.open; });
  const fields = [...before.querySelectorAll("input, select")].map((one) => [one.value, one.checked]);
  const now = [...after.querySelectorAll("input, select")];
  if (now.length === fields.length) {
    now.forEach((one, at) => { [one.value, one.checked] = fields[at]; });
  } else {
    const chosen = new Set([...before.querySelectorAll("input:checked")].map((one) => one.value));
    for (const one of now) if (one.type === "checkbox") one.checked = chosen.has(one.value);
  }
  const scrolled = [...before.querySelectorAll(".box, .tall, .scroll")].map((one) => [one.scrollLeft, one.scrollTop]);
  return () => [...after.querySelectorAll(".box, .tall, .scroll")].forEach((one, at) => {
    [one.scrollLeft, one.scrollTop] = scrolled[at] ?? [0, 0];
  });
};

const replacePart = (before, after) => {
  const scroll = keepState(before, after);
  before.replaceWith(after);
  scroll();
  after.querySelectorAll("[data-filters]").forEach((form) => form.dispatchEvent(new Event("input", { bubbles: true })));
};

const merge = (parts) => {
  const known = keyed(main.children);
  let previous = null;
  for (const [key, part] of parts) {
    const before = known.get(key);
    known.delete(key);
    if (before !== undefined && served.get(key) === part.outerHTML) {
      previous = before;
      continue;
    }
    served.set(key, part.outerHTML);
    const after = document.adoptNode(part);
    if (before !== undefined) replacePart(before, after);
    else if (previous !== null) previous.after(after);
    else main.prepend(after);
    previous = after;
  }
  return known;
};

const fetched = async (address) => {
  const reply = await fetch(address);
  if (!reply.ok) return null;
  return new DOMParser().parseFromString(await reply.text(), "text/html");
};

// One question at a time: what is asked meanwhile is asked once more afterwards.
const inTurn = (work) => {
  let busy = false, again = false;
  const ask = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      await work();
    } catch { /* The server has ended. What is shown stays. */ }
    busy = false;
    if (again) { again = false; void ask(); }
  };
  return ask;
};

const refreshPage = inTurn(async () => {
  const page = await fetched(location.href);
  if (page === null) return;
  document.title = page.title;
  for (const [key, gone] of merge(keyed(page.querySelector("main").children))) {
    gone.remove();
    served.delete(key);
  }
  if (main.dataset.events && page.querySelector("main[data-events]") === null) {
    close();
    delete main.dataset.events;
  }
});

const refreshNow = inTurn(async () => {
  const page = await fetched(main.dataset.now);
  const part = page?.getElementById("now");
  if (part) merge(new Map([["now", part]]));
});

let source = null, timer = null;
function close() {
  source?.close();
  clearInterval(timer);
  source = timer = null;
}
function open() {
  if (main.dataset.events && source === null) {
    source = new EventSource(main.dataset.events);
    source.addEventListener("now", refreshNow);
    source.addEventListener("page", refreshPage);
  }
  if (main.dataset.poll && timer === null) timer = setInterval(refreshPage, 1000 * main.dataset.poll);
}
// A browser keeps few connections to one server, so a tab that is not looked at holds none.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    close();
  } else if (main.dataset.events || main.dataset.poll) {
    void refreshPage();
    open();
  }
});
open();
