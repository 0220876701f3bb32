// What makes the review quick: pages that are exchanged in place, keys, and the next picture ahead.
// Everything on the page works without it, too: each step is a link or a form.
"use strict";

const $ = (id) => document.getElementById(id);
const FIELDS = "input:not([type=checkbox]), textarea, select, [contenteditable]";
const LONG = 150; // characters: what the report calls a long text
let isBusy = false;
let lastTyped = null; // the field in which something was typed last
let ahead = null; // the next picture, so that it is there without waiting

// Focus is moved only here: to the button or link that had it, where it is still there; else to the
// heading, where single keys work.
const focusOn = (id) => {
  const before = id && $(id);
  const place = before && !before.disabled && !before.matches(FIELDS) ? before : $("heading");
  (place || $("main")).focus({ preventScroll: true }); // the picture is what is to be seen first
};

// A region that was emptied first is read again though its text should be the same.
const announce = (text) => {
  $("live").textContent = "";
  setTimeout(() => { $("live").textContent = text; }, 50);
};

// The fields whose text is not the saved one: one beside a picture, several in the list.
const changed = () => [...document.querySelectorAll("[data-saved]")].filter((each) => each.value !== each.dataset.saved);
const isChanged = () => changed().length > 0;

// Shows how long the text in the field is.
const count = () => {
  const length = [...$("text").value].length;
  const isLong = length > LONG;
  $("count").textContent = `${length} character${length === 1 ? "" : "s"}${isLong ? ": long to listen to" : ""}`;
  $("count").classList.toggle("long", isLong);
  return length;
};

// Shows what the text in the field would be: its length, and how it is heard.
const follow = () => {
  const length = count();
  for (const each of document.querySelectorAll("[data-heard]")) each.textContent = $("text").value;
  for (const each of document.querySelectorAll("[data-image]")) {
    each.hidden = false;
    each.textContent = length ? "image" : "image without a text";
  }
};

const complain = (text) => {
  const line = document.createElement("p");
  line.textContent = text;
  const box = document.createElement("div");
  box.className = "error";
  box.append(line);
  $("said").replaceChildren(box);
  $("said").scrollIntoView({ block: "nearest" });
  announce(text);
};

// Sets up what the script adds to a page that has just come.
const prepare = () => {
  $("show-keys")?.removeAttribute("hidden");
  const isOn = hasKeys();
  document.documentElement.dataset.keys = isOn ? "on" : "off";
  for (const each of document.querySelectorAll("[data-key]")) {
    if (isOn) each.setAttribute("aria-keyshortcuts", each.dataset.key);
    else each.removeAttribute("aria-keyshortcuts");
  }
  if ($("text") && isChanged()) follow();
  else if ($("text")?.value) count();
  const next = $("page").dataset.ahead;
  ahead = next ? Object.assign(new Image(), { src: next }) : null;
};

const rows = () => [...document.querySelectorAll(".row")];

const exchange = async (response, { focus, row, push }) => {
  const coming = new DOMParser().parseFromString(await response.text(), "text/html");
  const page = coming.getElementById("page");
  if (!page) throw new Error("not a page of the review");
  if (!response.ok && isChanged() && !page.querySelector("[data-saved]")) {
    complain(page.querySelector("main").textContent); // nothing replaces what was typed
    return;
  }
  const place = scrollY;
  const picture = page.querySelector(".shown img");
  if (picture) {
    const early = new Image();
    early.src = picture.getAttribute("src");
    await Promise.race([early.decode().catch(() => {}), new Promise((on) => setTimeout(on, 300))]);
  }
  const filters = coming.getElementById("filters");
  if (filters && $("filters")) filters.open = $("filters").open;
  $("page").replaceWith(document.adoptNode(page));
  document.title = coming.title;
  const address = new URL(response.url);
  address.searchParams.delete("said"); // what was done is not done again by going back
  if (push && response.ok && address.href !== location.href) history.pushState(null, "", address);
  prepare();
  const said = $("said")?.querySelectorAll("div p") || [];
  const state = $("state")?.textContent;
  const parts = [...said].map((each) => each.textContent);
  parts.push($("heading")?.textContent || "");
  if (state) parts.push(state, $("text").value);
  announce(parts.map((each) => each.trim().replace(/[^.!?…]$/, "$&.")).join(" "));
  const next = row >= 0 && rows()[Math.min(row, rows().length - 1)];
  if (!response.ok) {
    (document.querySelector("[aria-invalid]") || $("text") || $("heading")).focus();
  } else if (next) {
    scrollTo({ top: place, behavior: "instant" }); // another picture is where the decided one was
    next.querySelector("a").focus();
  } else {
    const isNarrow = matchMedia("(max-width: 40rem)").matches;
    scrollTo({ top: isNarrow ? $("main").offsetTop : 0, behavior: "instant" });
    focusOn(rows().length ? "" : focus); // a list is to be read from its beginning
  }
};

// Does one thing at a time: what is pressed before the page is there was meant for another one.
const busily = (work) => async (...values) => {
  if (isBusy) return;
  isBusy = true;
  $("page").setAttribute("aria-busy", "true");
  try {
    await work(...values);
  } catch {
    complain("The review does not answer. What you typed is still here: copy it, start `mkdocs-alttext review` again, and go on.");
  } finally {
    isBusy = false;
    $("page").removeAttribute("aria-busy");
  }
};

// Shows the page that answers.
const show = async (address, options = {}, push = true, by = null) => {
  const focus = document.activeElement?.id;
  const row = rows().indexOf(by?.closest(".row"));
  await exchange(await fetch(address, options), { focus, row, push });
};

const send = busily(show);

const sent = (form, button) => ({ method: "POST", body: new URLSearchParams(new FormData(form, button)) });

// Goes on to an address. What was typed is kept as a draft first; where it cannot be, nobody leaves.
const leave = busily(async (address, options = {}, push = true, by = null) => {
  if (isChanged()) {
    const draft = { ...sent($("save"), $("draft")), redirect: "manual" };
    const kept = await fetch($("save").getAttribute("action"), draft);
    if (kept.type !== "opaqueredirect") {
      await exchange(kept, {});
      return;
    }
  }
  await show(address, options, push, by);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("#show-keys")) {
    $("keys").showModal();
    return;
  }
  const link = event.target.closest("#page a[href]");
  const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (!link || !isPlain || link.target || link.origin !== location.origin) return;
  event.preventDefault();
  leave(link.href);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog" || "plain" in form.dataset) return;
  event.preventDefault();
  if (form.method === "get") {
    leave(`${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`);
    return;
  }
  if (event.submitter?.value === "skip" && isChanged() && $("next")) {
    leave($("next").href);
    return;
  }
  if (form.contains($("undo")) && isChanged()) {
    // The last step was to type.
    const field = changed().includes(lastTyped) ? lastTyped : changed()[0];
    field.value = field.dataset.saved;
    if ($("text")) follow();
    announce(`What you typed is taken back: ${field.getAttribute("aria-label") || "the text"}.`);
    return;
  }
  if (form.dataset.busy) {
    $("said").textContent = form.dataset.busy;
    announce(form.dataset.busy);
  }
  const isOther = Boolean($("save")) && form !== $("save") && form.id !== "take";
  const goOn = isOther ? leave : send; // what was typed is not meant for this form
  goOn(form.getAttribute("action"), sent(form, event.submitter), true, event.submitter);
});

document.addEventListener("input", (event) => {
  if (event.target.id === "text") follow();
  if (event.target.matches("[data-saved]")) lastTyped = event.target;
});

// Of a picture in the list; it is not approved with the others, whose buttons say how many they are.
document.addEventListener("error", (event) => {
  const row = event.target.closest?.(".row");
  if (!row) return;
  row.querySelector("[name=among]")?.remove();
  event.target.replaceWith("This picture cannot be shown. Its text is not approved with the others.");
}, true);

// The letter of a key; on a keyboard of another script, the one in its place.
const keyOf = (event) => {
  if (/^[ -~]$/.test(event.key)) return event.key.toLowerCase();
  return /^Key[A-Z]$/.test(event.code) ? event.code[3].toLowerCase() : event.key;
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || $("keys").open) return;
  const field = event.target.closest(FIELDS);
  if (field) {
    // Where single keys work: behind a field of the list, so that nothing moves, or on the heading.
    const behind = field.closest(".row")?.querySelector("button") || $("heading");
    if (event.key === "Escape" && field.matches("#page *")) behind?.focus();
    const isSend = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    if (isSend && field.matches("textarea")) {
      event.preventDefault();
      field.form.requestSubmit((field.closest(".row") || field.form).querySelector("[value^=approve]"));
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || !hasKeys() || event.repeat) return;
  const target = document.querySelector(`[data-key="${CSS.escape(keyOf(event))}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.id === "approve" && rows().length && target.getBoundingClientRect().bottom > innerHeight) {
    scrollBy({ top: 0.75 * innerHeight, behavior: "instant" }); // all are to be seen before
    announce("There are more pictures below.");
    return;
  }
  const fold = target.closest("details");
  if (fold) fold.open = true;
  if (target.matches(FIELDS)) {
    target.focus();
    target.setSelectionRange(target.value.length, target.value.length);
  } else if (target.matches("a")) {
    leave(target.href);
  } else {
    target.click();
  }
});

// The choice is kept as a cookie, which every port of this machine sees: the next review has another.
const hasKeys = () => !/(?:^|; )alttext_keys=off/.test(document.cookie);
$("single-keys").checked = hasKeys();
$("single-keys").addEventListener("change", (event) => {
  const age = event.target.checked ? 0 : 31536000;
  document.cookie = `alttext_keys=off; Path=/; SameSite=Strict; Max-Age=${age}`;
  prepare();
});

addEventListener("popstate", () => leave(location.href, {}, false));
addEventListener("beforeunload", (event) => { if (isChanged()) event.preventDefault(); });
prepare();
