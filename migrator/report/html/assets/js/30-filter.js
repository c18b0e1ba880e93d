// Search, filters and order. What is shown stands in the address, so that a view can be sent or kept.
const FIELDS = ["q", "tag", "state", "verdict", "check", "flag", "sort"];
const fields = Object.fromEntries(FIELDS.map((name) => [name, $(name)])); // blind review takes some out
const view = { name: "grid", mode: "side", pair: null };
let shown = null; // the pairs in sight, in their order; worked out when first needed
const searched = new Map();

function wordsOf(pair) {
  if (!searched.has(pair)) {
    const prompt = cardOf.get(pair).querySelector(".prompt").textContent;
    searched.set(pair, `${pair.name} ${prompt} ${pair.tags.join(" ")}`.toLowerCase());
  }
  return searched.get(pair);
}

function matches(pair, want) {
  if (want.tag && !pair.tags.includes(want.tag)) return false;
  if (want.flag && !pair.flags.includes(want.flag)) return false;
  if (want.check && !(want.check === "*" ? pair.failed.length : pair.failed.includes(want.check))) return false;
  if (want.state && pair.state !== want.state) return false;
  if (want.verdict) {
    const given = store.ofPair(pair).map((record) => record.verdict);
    if (want.verdict === "none" ? given.length : want.verdict === "any" ? !given.length
      : !given.includes(want.verdict)) return false;
  }
  return !want.q || want.q.toLowerCase().split(/\s+/).every((word) => wordsOf(pair).includes(word));
}

const ORDERS = {
  "": (pair) => pair.rank,
  suite: (pair) => pair.n,
  open: (pair) => (store.ofPair(pair).length ? total : 0) + pair.rank,
  slow: (pair) => -(pair.latency || 0),
  dear: (pair) => -(pair.cost || 0),
  blind: (pair) => hash(`${runId}|order|${store.reviewer}|${pair.key}`),
};
let ordered = "";

function refresh() {
  const blind = root.classList.contains("blind");
  const want = Object.fromEntries(FIELDS.map((name) => [name, fields[name].value.trim()]));
  if (blind) for (const name of ["state", "check", "flag", "sort"]) want[name] = "";
  const order = blind ? "blind" : want.sort;
  const active = FIELDS.some((name) => want[name]) || blind;
  if (!active && shown === null && !ordered) return; // as it was delivered
  const present = pairs().filter((pair) => !blind || pair.both);
  const rank = new Map(present.map((pair) => [pair, ORDERS[order](pair)]));
  const sorted = present.sort((a, b) => rank.get(a) - rank.get(b) || a.n - b.n);
  if (order !== ordered || order === "open") {
    // one by one: handing all of them over at once takes eight times as long
    for (const pair of sorted) holderOfCards.append(cardOf.get(pair));
    ordered = order;
  }
  shown = sorted.filter((pair) => {
    const fits = matches(pair, want);
    const card = cardOf.get(pair);
    if (card.hidden === fits) card.hidden = !fits;
    return fits;
  });
  for (const name of FIELDS) fields[name].classList.toggle("on", Boolean(want[name]));
  const all = shown.length === present.length;
  $("count").textContent = all ? `${shown.length.toLocaleString("en")} pair${shown.length === 1 ? "" : "s"}`
    : `${shown.length.toLocaleString("en")} of ${present.length.toLocaleString("en")}`;
  $("nothing").hidden = shown.length > 0 || total === 0;
}

function sequence() {
  if (shown === null) {
    shown = [...pairs()].sort((a, b) => a.rank - b.rank);
  }
  return shown;
}

function address() {
  const parts = new URLSearchParams();
  if (view.name !== "grid") parts.set("view", view.name);
  for (const name of FIELDS) if (fields[name].value) parts.set(name, fields[name].value);
  if (root.classList.contains("blind")) parts.set("blind", "1");
  if (view.name === "pair" && view.pair) {
    // A number instead of the prompt's name keeps long names out of the address.
    parts.set("pair", String(view.pair.n));
    if (view.mode !== "side") parts.set("mode", view.mode);
  }
  return `#${parts}`;
}
let writing = false;
function remember(push = false) {
  const next = address();
  if (next === (location.hash || "#")) return;
  writing = true;
  if (push) location.hash = next;
  else history.replaceState(null, "", next);
  setTimeout(() => { writing = false; }, 0);
}
function restore() {
  const parts = new URLSearchParams(location.hash.slice(1));
  for (const name of FIELDS) {
    fields[name].value = parts.get(name) || "";
    if (fields[name].selectedIndex === -1) fields[name].value = ""; // an address may name what this run lacks
  }
  const wanted = parts.get("view");
  view.mode = MODES.includes(parts.get("mode")) ? parts.get("mode") : view.mode;
  setBlind(parts.get("blind") === "1", false);
  refresh();
  if (wanted === "pair" && total) {
    const pair = pairs()[Number(parts.get("pair")) - 1] || sequence()[0];
    if (pair) { openPair(pair, false); return; }
  }
  setView(wanted === "list" ? "list" : "grid", false);
  const target = /^#pair-\d+$/.test(location.hash) && $(location.hash.slice(1));
  if (target) target.scrollIntoView();
}

function setView(name, push = true) {
  const leaving = view.name === "pair" && name !== "pair" ? view.pair : null;
  view.name = name;
  root.classList.toggle("one", name === "pair");
  document.body.classList.toggle("list", name === "list");
  $("viewer").hidden = name !== "pair";
  for (const button of document.querySelectorAll("[data-view]")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === name));
  }
  if (leaving) {
    mark(leaving);
    const card = cardOf.get(leaving);
    card.querySelector("a.open")?.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
    select(leaving);
  }
  remember(push);
}
