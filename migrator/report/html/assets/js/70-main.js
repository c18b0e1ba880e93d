// Keys, buttons, and the start.
const settings = {
  keys: storage.get("migrator:keys") !== "off",
  next: storage.get("migrator:next") !== "off",
};
let current = null; // the pair that keys act on in grid and list

function judge(pair, verdict) {
  if (!pair) { toast("Choose a pair first: j, or a click.", 2500); return; }
  const blind = root.classList.contains("blind");
  if (blind && kindOf(verdict) === "decision") {
    toast("In blind review only h, l, t and x: accept or reject after the reveal.");
    return;
  }
  if (!pair.both && kindOf(verdict) === "preference") {
    toast("Preferences need both pictures. Accept, needs work or reject?");
    return;
  }
  const given = store.give(pair, verdict, leftIsOld(pair) ? "old" : "new");
  changed(pair);
  if (given && settings.next) {
    if (view.name === "pair" && sequence().indexOf(pair) < sequence().length - 1) step(1);
    else if (view.name !== "pair") walk(1);
  }
}
function changed(pair) {
  $("quick")?.remove();
  mark(pair);
  progress();
  if (view.name === "pair" && view.pair) pressed(view.pair);
}
function undo() {
  const pair = store.undo();
  if (!pair) { toast("Nothing to undo.", 2000); return; }
  changed(pair);
  if (view.name === "pair") openPair(pair, false);
  else select(pair, true);
  toast(`Taken back: ${pair.name}`, 2000);
}

function select(pair, focus = false) {
  if (current) cardOf.get(current).classList.remove("current");
  current = pair;
  const card = cardOf.get(pair);
  card.classList.add("current");
  if (!focus) return;
  card.querySelector("a.open").focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
}
function walk(by) {
  const list = sequence(), at = current ? list.indexOf(current) : -1;
  const next = list[at + by] || (at === -1 ? list[0] : null);
  if (next) select(next, true);
}
function unreviewed() {
  const list = sequence(), from = list.indexOf(view.name === "pair" ? view.pair : current);
  const next = [...list.slice(from + 1), ...list.slice(0, from + 1)].find((pair) => !store.ofPair(pair).length);
  if (!next) toast("Every pair here has a verdict.");
  else if (view.name === "pair") openPair(next, false);
  else select(next, true);
}
function subject() { return view.name === "pair" ? view.pair : current; }

function save() {
  const file = store.exported();
  const url = URL.createObjectURL(new Blob([JSON.stringify(file, null, 1) + "\n"], { type: "application/json" }));
  const name = `verdicts-${runId}-${store.reviewer}`.replace(/[^\w.-]+/g, "_").slice(0, 120);
  const link = el("a", { href: url, download: `${name}.json` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
  const count = file.verdicts.length;
  toast(`${count} ${count === 1 ? "verdict" : "verdicts"} saved. Next: ${applying.replace("FILE", `${name}.json`)}`, 8000);
}
function markdown() {
  const lines = [`### Review of run \`${runId}\` by ${store.reviewer}`, "", ui["progress-text"].textContent + ".", ""];
  for (const pair of pairs()) {
    for (const record of store.ofPair(pair)) {
      const note = record.note ? `: ${record.note.replace(/\s+/g, " ")}` : "";
      lines.push(`- **${WORDS[record.verdict]}** \`${pair.name.replaceAll("`", "'")}\`${note}`);
    }
  }
  navigator.clipboard.writeText(lines.join("\n") + "\n").then(
    () => toast("Copied as Markdown."), () => toast("This browser does not let the page copy."));
}
async function merge(file) {
  let parsedFile = null;
  try { parsedFile = JSON.parse(await file.text()); } catch { /* said below */ }
  toast(store.merge(parsedFile), 8000);
  for (const pair of pairs()) mark(pair);
  progress();
  if (view.name === "pair") draw();
}

const KEYS = {
  j: () => (view.name === "pair" ? step(1) : walk(1)), k: () => (view.name === "pair" ? step(-1) : walk(-1)),
  n: unreviewed, a: () => judge(subject(), "accept"), w: () => judge(subject(), "needs_work"),
  r: () => judge(subject(), "reject"), t: () => judge(subject(), "tie"), x: () => judge(subject(), "both_bad"),
  h: () => sided("left"), l: () => sided("right"), u: undo, e: save, "?": () => $("keys").showModal(),
  b: () => setBlind(!root.classList.contains("blind")), g: () => setView("grid"),
  c: () => { if (view.name !== "pair" && current) openPair(current); if (view.name === "pair") $("v-note").focus(); },
  "/": () => { if (view.name === "pair") setView("grid"); fields.q.focus(); },
};
const STAGE_KEYS = { "+": () => zoom(1.4), "=": () => zoom(1.4), "-": () => zoom(1 / 1.4), 0: fitStage };
function sided(side) {
  const pair = subject();
  if (pair) judge(pair, (side === "left") === leftIsOld(pair) ? "old" : "new");
}
function setMode(name) { view.mode = name; draw(); remember(); }

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("input, textarea, select");
  if (event.ctrlKey || event.metaKey || event.altKey || $("keys").open) return;
  if (event.key === "Escape") {
    if (field) field.blur();
    else if (view.name === "pair") setView("grid");
    return;
  }
  if (field && !(field.type === "range" && !event.key.startsWith("Arrow"))) return;
  const inPair = view.name === "pair";
  if (event.key === " " && inPair && !event.target.closest("button, a, summary")) {
    event.preventDefault();
    if (!event.repeat) {
      if (stage.dataset.mode !== "blink" && view.pair.both) { before = view.mode; setMode("blink"); }
      hold(true);
    }
    return;
  }
  if (inPair && event.shiftKey && event.key.startsWith("Arrow")) {
    const [dx, dy] = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[event.key];
    move(dx, dy);
    event.preventDefault();
    return;
  }
  if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
    KEYS[event.key === "ArrowRight" ? "j" : "k"]();
    event.preventDefault();
    return;
  }
  if (!settings.keys) return;
  if (inPair && /^[1-6]$/.test(event.key)) {
    const name = MODES[Number(event.key) - 1];
    if (!document.querySelector(`.modes [data-mode=${name}]`).disabled) setMode(name);
  } else if (inPair && event.key in STAGE_KEYS) STAGE_KEYS[event.key]();
  else if (event.key in KEYS) KEYS[event.key]();
  else return;
  event.preventDefault();
});
let before = null; // the mode to go back to when the space bar is let go
function release() {
  hold(false);
  if (before) { const mode = before; before = null; setMode(mode); }
}
document.addEventListener("keyup", (event) => { if (event.key === " ") release(); });
window.addEventListener("blur", release);

// One set of verdict buttons, moved into the card under the pointer or the focus.
function quick(card) {
  const pair = pairOfCard(card);
  let box = $("quick");
  if (box?.parentElement === card) return;
  box?.remove();
  const blind = root.classList.contains("blind");
  const button = (word, act, key) => {
    const node = el("button", { type: "button", title: `${word} (${key})` }, word);
    node.addEventListener("click", (event) => { event.stopPropagation(); select(pair); act(); });
    return node;
  };
  box = el("div", { class: "quick", id: "quick", role: "group", "aria-label": "Verdict" }, ...(blind
    ? [button("A better", () => sided("left"), "h"), button("Tie", () => judge(pair, "tie"), "t"), button("B better", () => sided("right"), "l")]
    : [button("Accept", () => judge(pair, "accept"), "a"), button("Needs work", () => judge(pair, "needs_work"), "w"), button("Reject", () => judge(pair, "reject"), "r")]));
  const decided = blind ? null : store.mine(pair, "decision");
  if (decided) box.children[DECISIONS.indexOf(decided.verdict)].setAttribute("aria-pressed", "true");
  card.append(box);
}
holderOfCards.addEventListener("pointerover", (event) => { const card = event.target.closest(".card"); if (card) quick(card); });
holderOfCards.addEventListener("focusin", (event) => {
  const card = event.target.closest(".card");
  if (!card) return;
  quick(card);
  if (event.target.matches("a.open")) select(pairOfCard(card));
});
holderOfCards.addEventListener("click", (event) => {
  const card = event.target.closest(".card");
  if (!card || event.target.closest("button") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest("a")) { event.preventDefault(); openPair(pairOfCard(card)); }
  else if (event.target.closest(".gone")) openPair(pairOfCard(card));
  else select(pairOfCard(card));
});

for (const name of FIELDS) {
  fields[name].addEventListener(name === "q" ? "input" : "change", () => { refresh(); remember(); });
}
$("filters").addEventListener("submit", (event) => event.preventDefault());
$("clear").addEventListener("click", () => { for (const name of FIELDS) fields[name].value = ""; refresh(); remember(); });
for (const button of document.querySelectorAll("[data-view]")) {
  button.addEventListener("click", () => {
    const name = button.dataset.view;
    if (name !== "pair") setView(name);
    else if (current || sequence()[0]) openPair(current || sequence()[0]);
  });
}
for (const button of document.querySelectorAll(".modes [data-mode]")) {
  button.addEventListener("click", () => setMode(button.dataset.mode));
}
for (const button of document.querySelectorAll("#v-decide button, #v-prefer button")) {
  button.addEventListener("click", () => judge(view.pair, verdictOf(button, view.pair)));
}
const clicks = {
  "v-back": () => setView("grid"), "v-prev": () => step(-1), "v-next": () => step(1), "z-in": () => zoom(1.4),
  "z-out": () => zoom(1 / 1.4), "z-fit": fitStage, "z-full": fullSize, export: save, markdown, help: () => $("keys").showModal(),
  import: () => $("import-file").click(), blind: () => setBlind(!root.classList.contains("blind")), reveal: () => setBlind(false),
  "blind-export": save,
  theme: () => {
    const dark = getComputedStyle(root).colorScheme === "dark"
      || (getComputedStyle(root).colorScheme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    root.style.colorScheme = dark ? "light" : "dark";
    storage.set("migrator:theme", root.style.colorScheme);
  },
};
for (const [id, act] of Object.entries(clicks)) $(id).addEventListener("click", act);
for (const name of ["pointerdown", "pointerup", "pointerleave"]) {
  $("v-hold").addEventListener(name, () => hold(name === "pointerdown"));
}
for (const name of ["keydown", "keyup"]) {
  $("v-hold").addEventListener(name, (event) => { if (event.key === " " || event.key === "Enter") hold(name === "keydown"); });
}
$("v-range").addEventListener("input", () => { level[stage.dataset.mode] = Number($("v-range").value); place(); });
$("v-ground").addEventListener("change", draw);
$("v-with").addEventListener("change", draw);
$("v-note").addEventListener("input", () => store.note(view.pair, $("v-note").value));
$("import-file").addEventListener("change", (event) => {
  const [file] = event.target.files;
  if (file) merge(file);
  event.target.value = "";
});
ui.reviewer.value = store.reviewer;
ui.reviewer.addEventListener("change", () => {
  store.reviewer = ui.reviewer.value.trim() || "reviewer";
  ui.reviewer.value = store.reviewer;
  storage.set("migrator:reviewer", store.reviewer);
  store.load();
  for (const pair of pairs()) mark(pair);
  progress();
});
for (const [id, name] of [["set-keys", "keys"], ["set-next", "next"]]) {
  $(id).checked = settings[name];
  $(id).addEventListener("change", () => { settings[name] = $(id).checked; storage.set(`migrator:${name}`, settings[name] ? "on" : "off"); });
}
window.addEventListener("hashchange", () => { if (!writing) restore(); });

function start() {
  store.load();
  if (data().sources.length > 2 && data().old !== null) {
    const select_ = $("v-with");
    data().sources.forEach((source, index) => {
      if (index !== data().old) select_.append(el("option", { value: String(index) }, `with ${source.label}`));
    });
    select_.value = String(data().new);
    select_.hidden = false;
  }
  if (store.records.size) { for (const record of store.records.values()) mark(store.pairOf(record)); progress(); }
  if (store.stale) toast(`${store.stale} earlier verdicts are about pictures that have changed: they do not count.`, 8000);
}
// A plain opening needs nothing of the data before the first picture is drawn.
if (location.hash.length > 1) { start(); restore(); } else requestAnimationFrame(() => setTimeout(() => { start(); root.classList.add("ready"); }, 0));
