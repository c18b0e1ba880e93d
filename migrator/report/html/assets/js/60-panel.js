// The panel beside the stage: prompt, verdict, and what was asked, paid and found.
function panel(pair, sides) {
  const blind = root.classList.contains("blind");
  $("v-title").textContent = pair.s ? `${pair.name} #${pair.s + 1}` : pair.name;
  $("v-tags").textContent = pair.tags.join(" · ");
  $("v-prompt").textContent = cardOf.get(pair).querySelector(".prompt").textContent;
  $("v-decide").hidden = blind;
  sideWords(blind ? "AB" : ["Old", "New"]);
  for (const button of $("v-prefer").children) button.disabled = !pair.both;
  pressed(pair);
  $("v-note").value = store.notes.get(pair.key) || "";
  const others = blind ? [] : store.others(pair);
  $("v-others").textContent = others.map((record) => `${record.reviewer}: ${WORDS[record.verdict]}${record.note ? ` (${record.note})` : ""}`).join(" · ");
  $("v-details").replaceChildren(...(blind ? [] : details(pair, sides)));
}

function sideWords([left, right]) {
  $("v-left").textContent = `${left} better`;
  $("v-right").textContent = `${right} better`;
}
function pressed(pair) {
  const given = new Map(store.ofPair(pair).map((record) => [kindOf(record.verdict), record.verdict]));
  for (const button of document.querySelectorAll("#v-decide button, #v-prefer button")) {
    const verdict = verdictOf(button, pair);
    button.setAttribute("aria-pressed", String(given.get(kindOf(verdict)) === verdict));
  }
}
function verdictOf(button, pair) {
  if (button.dataset.verdict) return button.dataset.verdict;
  return (button.dataset.side === "left") === leftIsOld(pair) ? "old" : "new";
}

function details(pair, sides) {
  const names = sides.map((side, index) => title(side, index));
  const parts = [];
  const section = (heading, node) => node && parts.push(el("h3", {}, heading), node);
  section("Checks of the new side", checklist(pair.sides[data().new]));
  section("Request", pair.changes.length ? table(["", "Old", "New"], pair.changes.map(([name, before, after, kind]) =>
    [kind, name, before || "–", after || "–"])) : null);
  section("Picture and run", table(["", ...names], rows(sides).map((row) => ["", ...row])));
  if (pair.sides[data().old]?.checks.some(([, status]) => status === "fail")) section("Checks of the old side", checklist(pair.sides[data().old]));
  if (pair.origin) section("In the code", el("p", {}, el("code", {}, pair.origin)));
  return parts;
}
function rows(sides) {
  const found = [
    ["picture", ...sides.map((side) => side?.facts)],
    ["state", ...sides.map((side) => side && data().states[side.state])],
    ["latency", ...sides.map((side) => side?.time)],
    ["cost", ...sides.map((side) => side?.price)],
    ["attempts", ...sides.map((side) => side?.tries && String(side.tries))],
    ["request id", ...sides.map((side) => side?.rid)],
    ["credentials", ...sides.map((side) => side?.checks.find(([name]) => name === "c2pa")?.[2])],
    ["error", ...sides.map((side) => side?.error)],
  ];
  const usage = new Set(sides.flatMap((side) => (side ? side.usage.map(([name]) => name) : [])));
  for (const name of usage) {
    found.push([name.replaceAll("_", " "), ...sides.map((side) => side?.usage.find(([one]) => one === name)?.[1])]);
  }
  return found.filter((row) => row.slice(1).some(Boolean)).map((row) => row.map((cell) => cell || "–"));
}
function table(head, body) {
  return el("table", {},
    el("thead", {}, el("tr", {}, ...head.map((name) => (name ? el("th", { scope: "col" }, name) : el("td"))))),
    el("tbody", {}, ...body.map(([cls, first, ...cells]) => el("tr", { class: cls },
      el("th", { scope: "row" }, first), ...cells.map((cell) => el("td", {}, cell))))));
}
function checklist(side) {
  if (!side) return null;
  const items = side.checks.map(([name, status, message]) => el("li", {},
    el("span", { class: `status ${status}` }, `${status}`), el("span", {}, el("b", {}, name), message ? ` ${message}` : "")));
  if (side.passed) items.push(el("li", {}, el("span", { class: "status pass" }, "pass"), el("span", {}, side.passed)));
  return items.length ? el("ul", { class: "checks" }, ...items) : null;
}

// What a card says about its verdicts.
function mark(pair) {
  const card = cardOf.get(pair);
  for (const old of card.querySelectorAll(".mark")) old.remove();
  const blind = root.classList.contains("blind");
  for (const record of store.ofPair(pair)) {
    const sided = blind && ["old", "new"].includes(record.verdict);
    const word = sided ? `${(record.verdict === "old") === leftIsOld(pair) ? "A" : "B"} better` : WORDS[record.verdict];
    if (blind && kindOf(record.verdict) === "decision") continue;
    card.querySelector("header").append(el("span", { class: `mark ${sided ? "seen" : record.verdict}` }, word));
  }
}

const ui = Object.fromEntries(["progress", "progress-text", "reviewer", "tile-wins", "next"].map((id) => [id, $(id)]));
const toStart = ui.next ? [...ui.next.childNodes] : [];
const applying = $("apply").textContent; // kept, for blind review takes the line away
const delivered = ui["progress-text"].textContent;
function progress() {
  const counts = {}, tally = { old: 0, new: 0, tie: 0, both_bad: 0 };
  let reviewed = 0;
  const mine = [...store.records.values()].filter((record) => record.reviewer === store.reviewer);
  const seen = new Map();
  for (const record of mine) {
    const key = JSON.stringify([record.prompt_id, record.sample]);
    if (!seen.has(key) || kindOf(record.verdict) === "decision") seen.set(key, record.verdict);
    if (record.verdict in tally) tally[record.verdict] += 1;
  }
  for (const verdict of seen.values()) { counts[verdict] = (counts[verdict] || 0) + 1; reviewed += 1; }
  const blind = root.classList.contains("blind");
  const room = blind ? pairs().filter((pair) => pair.both).length : total;
  const parts = Object.keys(WORDS).filter((name) => counts[name]).map((name) => `${counts[name]} ${WORDS[name].toLowerCase()}`);
  if (blind) {
    const left = total - room;
    const told = data().simulated ? " Simulated pictures bear the name of their model, so this is only a rehearsal." : "";
    $("blind-text").textContent = `${reviewed} of ${room} judged as ${store.reviewer}.`
      + (left ? ` ${left} without both pictures ${left === 1 ? "is" : "are"} left out.` : "") + told;
    return;
  }
  ui["progress-text"].textContent = reviewed || !delivered
    ? `${reviewed} of ${total} reviewed${parts.length ? `: ${parts.join(", ")}` : ""}` : delivered;
  // without verdicts of one's own, the bar shows how far the others have come
  const others = new Set([...store.records.values()].map((record) => JSON.stringify([record.prompt_id, record.sample])));
  const pieces = reviewed ? Object.keys(WORDS).filter((name) => counts[name]).map((name) => [name, counts[name]]) : [["seen", others.size]];
  ui.progress.replaceChildren(...pieces.filter(([, count]) => count).map(([name, count]) => {
    const piece = el("i", { class: name });
    piece.style.width = `${(count / Math.max(1, total)) * 100}%`;
    return piece;
  }));
  if (ui.next) {
    if (reviewed && reviewed === total) ui.next.replaceChildren("All reviewed: export, then ", el("code", {}, applying));
    else ui.next.replaceChildren(...toStart);
  }
  const decided = tally.old + tally.new;
  if (decided || tally.tie || tally.both_bad) {
    const [low, high] = decided ? wilson(tally.new, decided) : [0, 1];
    const tile = ui["tile-wins"];
    tile.querySelector("b").textContent = decided ? `${Math.round((tally.new / decided) * 100)} %` : "–";
    tile.querySelector(".detail").textContent =
      `${decided ? `${Math.round(low * 100)} to ${Math.round(high * 100)} % · ` : ""}yours: ${tally.new} won, ${tally.old} lost, ${tally.tie + tally.both_bad} tied`;
    bar(tile, decided ? tally.new / decided : 0.5, low, high);
  }
}
const SVG = "http://www.w3.org/2000/svg";
function bar(tile, value, low, high) {
  const x = (share) => 4 + share * 192;
  const part = (name, attributes) => {
    const node = document.createElementNS(SVG, name);
    for (const [key, word] of Object.entries(attributes)) node.setAttribute(key, word);
    return node;
  };
  const svg = part("svg", { class: "plot", viewBox: "0 0 200 33", role: "img", "aria-label": "95 % interval" });
  for (const [share, cls, word, anchor] of [[0, "plot-edge", "0 %", "start"], [1, "plot-edge", "100 %", "end"], [0.5, "plot-middle", "50 %", "middle"]]) {
    const text = part("text", { class: `plot-word ${anchor}`, x: x(share), y: 31 });
    text.textContent = word;
    svg.append(part("line", { class: cls, x1: x(share), x2: x(share), y1: 0, y2: 21 }), text);
  }
  svg.append(part("line", { class: "plot-span new", x1: x(low), x2: x(high), y1: 11, y2: 11 }),
    part("circle", { class: "plot-dot new", cx: x(value), cy: 11, r: 5.5 }));
  tile.querySelector(".plot")?.remove();
  tile.querySelector(".value").after(svg);
}
