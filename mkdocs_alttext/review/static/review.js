// What makes the review quick: pages that are exchanged in place, keys, and the next picture ahead.
// Everything on the page works without it, too: each step is a link or a form.
"use strict";

const $ = (id) => document.getElementById(id);
const FIELDS = "input:not([type=checkbox]), textarea, select, [contenteditable]";
const LONG = 150; // characters: what the report calls a long text
let isBusy = false;
let lastTyped = null; // the field in which something was typed last
let sentTexts = new Map(); // what stood in the fields when the page was sent
let shownAt = 0; // when the page came
let shownAddress = location.pathname + location.search;
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
const fields = () => [...document.querySelectorAll("[data-saved]")];
const changed = () => fields().filter((each) => each.value !== each.dataset.saved);
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
  if (!CSS.supports("field-sizing", "content")) {
    for (const each of document.querySelectorAll(".row textarea")) each.style.height = `${each.scrollHeight + 2}px`;
  }
  const next = $("page").dataset.ahead;
  ahead = next ? Object.assign(new Image(), { src: next }) : null;
};

const rows = () => [...document.querySelectorAll(".row")];

const exchange = async (response, { focus, row, push, said: before }) => {
  const coming = new DOMParser().parseFromString(await response.text(), "text/html");
  const page = coming.getElementById("page");
  if (!page) throw new Error("not a page of the review");
  if (!response.ok && isChanged() && !page.querySelector("[data-saved]")) {
    complain(page.querySelector("main").textContent.trim()); // nothing replaces what was typed
    return;
  }
  if (before) {
    const line = page.querySelector("#said");
    const words = Object.assign(document.createElement("p"), { textContent: before });
    line?.prepend(document.createElement("div"));
    line?.firstChild.append(words);
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
  // What was typed while the answer was on its way goes on, where its field does.
  const late = fields().filter((each) => sentTexts.has(each) && sentTexts.get(each) !== each.value);
  $("page").replaceWith(document.adoptNode(page));
  document.title = coming.title;
  const address = new URL(response.url);
  address.searchParams.delete("said"); // what was done is not done again by going back
  if (push && response.ok && address.href !== location.href) history.pushState(null, "", address);
  for (const each of late) {
    const field = each.id !== "text" && $(each.id);
    if (field) field.value = each.value;
    else complain(`This was typed while the page was on its way, and is not saved: ${each.value}`);
  }
  shownAt = performance.now();
  shownAddress = location.pathname + location.search;
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
  sentTexts = new Map(fields().map((each) => [each, each.value]));
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
const show = async (address, options = {}, push = true, by = null, said = "") => {
  const focus = document.activeElement?.id;
  const row = rows().indexOf(by?.closest(".row"));
  await exchange(await fetch(address, options), { focus, row, push, said });
};

const send = busily(show);

const sent = (form, button) => ({ method: "POST", body: new URLSearchParams(new FormData(form, button)) });

// Goes on to an address. What was typed is kept as a draft first; where it cannot be, nobody leaves.
const leave = busily(async (address, options = {}, push = true, by = null) => {
  if (!isChanged()) {
    await show(address, options, push, by);
    return;
  }
  if ("unsaved" in $("save").dataset) {
    complain("What you typed is not saved: somebody else changed the file, or it cannot be written. Approve it, keep it as a draft, or take it back with u.");
    return;
  }
  const draft = { ...sent($("save"), $("draft")), redirect: "manual" };
  const kept = await fetch($("save").getAttribute("action"), draft);
  if (kept.type === "opaqueredirect") await show(address, options, push, by, "What you typed is kept as a draft.");
  else await exchange(kept, {});
});

// The second half of a double click is not meant for what has come under the pointer meanwhile.
document.addEventListener("click", (event) => {
  if (event.detail < 1 || performance.now() - shownAt > 500) return;
  event.preventDefault();
  event.stopPropagation();
}, true);

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
    announce(`What you typed is taken back: ${field.labels[0].textContent}.`);
    return;
  }
  if (form.dataset.busy) {
    $("said").textContent = form.dataset.busy;
    announce(form.dataset.busy);
  }
  if (event.submitter?.matches("#approve, #approve-all") && isLoading()) {
    for (const each of document.querySelectorAll(".row img")) each.loading = "eager";
    wait("Pictures are on their way. Look at them, and press again.");
    return;
  }
  const isOther = Boolean($("save")) && form !== $("save") && form.id !== "take";
  const goOn = isOther ? leave : send; // what was typed is not meant for this form
  goOn(event.submitter?.getAttribute("formaction") || form.getAttribute("action"), sent(form, event.submitter), true, event.submitter);
});

document.addEventListener("input", (event) => {
  if (event.target.id === "text") follow();
  if (event.target.matches("[data-saved]")) lastTyped = event.target;
});

// Of a picture in the list; it is not approved with the others, whose buttons say how many they are.
document.addEventListener("error", (event) => {
  const row = event.target.closest?.(".row");
  if (!row) return;
  const words = "This picture cannot be shown. Its text is not approved with the others.";
  const note = Object.assign(document.createElement("span"), { id: `fault-${row.querySelector("a").id}`, textContent: words });
  row.querySelector("[name=among]")?.remove();
  row.querySelector("textarea").setAttribute("aria-describedby", note.id);
  event.target.replaceWith(note);
  const button = $("approve")?.firstChild;
  if (button) button.textContent = "Approve the other plain drafts, and go on ";
}, true);

// Whether pictures of texts that are approved together were not seen yet.
const isLoading = () => rows().some((row) => row.querySelector("[name=among]") && row.querySelector("img")?.complete === false);

const wait = (text) => {
  $("wait").textContent = text;
  announce(text);
};

const isInView = (element) => {
  const { top, bottom } = element.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
};

// Shows the next pictures of the list, with the focus on the one that is seen best.
const lookOn = () => {
  if (isInView(rows().at(-1).querySelector("textarea")) && !$("approve")) {
    wait("Nothing here is approved with others: each has buttons of its own.");
    return;
  }
  scrollBy({ top: 0.75 * innerHeight, behavior: "instant" }); // all are to be seen before
  const seen = (row) => {
    const { top, bottom } = row.getBoundingClientRect();
    return Math.min(bottom, innerHeight) - Math.max(top, 0);
  };
  const best = rows().reduce((one, other) => (seen(other) > seen(one) + 1 ? other : one));
  best.querySelector("a").focus({ preventScroll: true });
};

// The letter of a key; on a keyboard of another script, the one in its place.
const keyOf = (event) => {
  if (/^[ -~]$/.test(event.key)) return event.key.toLowerCase();
  return /^Key[A-Z]$/.test(event.code) ? event.code[3].toLowerCase() : event.key;
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || $("keys").open) return;
  const field = event.target.closest(FIELDS);
  if (field) {
    // Where single keys work: on the picture of the list, so that nothing moves, or on the heading.
    const place = field.closest(".row")?.querySelector("a") || $("heading");
    if (event.key === "Escape" && field.matches("#page *")) place?.focus({ preventScroll: true });
    const isSend = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    if (isSend && field.matches("textarea")) {
      event.preventDefault();
      field.form.requestSubmit((field.closest(".row") || field.form).querySelector("[value^=approve]"));
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || !hasKeys() || event.repeat) return;
  const key = keyOf(event);
  const inRow = { e: "textarea", d: "[value^=decorative]", s: "[value^=later]" }[key];
  const target = inRow && document.activeElement.closest(".row")?.querySelector(inRow)
    || document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (rows().length && key === "a" && (!target || target.getBoundingClientRect().bottom > innerHeight)) {
    event.preventDefault();
    lookOn();
    return;
  }
  if (!target) return;
  event.preventDefault();
  const text = target.closest(".row")?.querySelector("textarea");
  if (text && text !== target && !isInView(text)) {
    text.scrollIntoView({ block: "center" }); // nothing is decided of what cannot be seen
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

addEventListener("popstate", () => {
  if (shownAddress !== location.pathname + location.search) leave(location.href, {}, false);
});
addEventListener("beforeunload", (event) => { if (isChanged()) event.preventDefault(); });
prepare();
