// Blind review: everything that could tell which side is which leaves the document until it is revealed.
// Taken out, not hidden: names, states, captions, file names with their endings, sizes, order, numbers.
const away = { nodes: new Map(), title: document.title };

function leftIsOld(pair) {
  return !root.classList.contains("blind")
    || hash(`${runId}|${pair.key}|${store.reviewer}`) % 2 === 0;
}
function sidesOf(pair) {
  const both = [data().old, data().new].map((index) => (index === null ? null : pair.sides[index]));
  return leftIsOld(pair) ? both : both.reverse();
}

function blindCard(pair) {
  const card = cardOf.get(pair);
  const seen = card.querySelector(".sides");
  const pictures = { old: seen.querySelector(".old img"), new: seen.querySelector(".new img") };
  const order = leftIsOld(pair) ? ["old", "new"] : ["new", "old"];
  const figures = order.map((role, index) => el("figure", { class: "side" },
    el("a", { class: "frame", href: `#pair-${pair.n}` },
      el("img", { src: pictures[role].getAttribute("src"), loading: "lazy", alt: `Picture ${"AB"[index]}` })),
    el("figcaption", {}, el("b", {}, "AB"[index]))));
  const fresh = el("div", { class: "sides" }, ...figures);
  const kept = [seen];
  const marks = card.querySelectorAll(".badges, .mark");
  seen.replaceWith(fresh);
  for (const node of marks) { kept.push(node); node.remove(); }
  away.nodes.set(card, { kept, fresh });
}
function seeCard(card) {
  const { kept, fresh } = away.nodes.get(card);
  fresh.replaceWith(kept[0]);
  for (const node of kept.slice(1)) if (node.className === "badges") card.append(node);
}

function setBlind(on, announce = true) {
  const now = root.classList.contains("blind");
  if (on && (data().old === null || data().new === null || !pairs().some((pair) => pair.both))) {
    if (announce) toast("Blind review needs pairs with a picture on both sides.");
    on = false;
  }
  if (on === now && (on === false || away.nodes.size)) { root.classList.add("ready"); return; }
  root.classList.toggle("blind", on);
  $("quick")?.remove();
  if (on) {
    for (const pair of pairs()) {
      if (pair.both) blindCard(pair);
      else cardOf.get(pair).remove(); // which side is missing would tell; the next order brings it back
    }
    stash($("overview"));
    for (const name of ["state", "check", "flag", "sort"]) stash(fields[name]);
    for (const option of fields.verdict.querySelectorAll("[value=old], [value=new]")) option.disabled = option.hidden = true;
    for (const node of document.querySelectorAll(".simulated, .foot")) stash(node);
    sideWords("AB");
    document.title = "Blind review";
  } else {
    for (const card of away.nodes.keys()) seeCard(card);
    away.nodes.clear();
    for (const [node, place] of stashed.splice(0).reverse()) place.replaceWith(node);
    for (const option of fields.verdict.options) option.disabled = option.hidden = false;
    document.title = away.title;
  }
  $("blind-bar").hidden = !on;
  $("blind").setAttribute("aria-pressed", String(on));
  shown = null;
  ordered = on ? "" : "blind";
  root.classList.add("ready");
  for (const pair of pairs()) mark(pair);
  refresh();
  progress();
  if (view.name === "pair") {
    const pair = sequence().includes(view.pair) ? view.pair : sequence()[0];
    if (pair) openPair(pair, false);
    else setView("grid");
  }
  if (announce) {
    remember();
    toast(on ? "Blind: which side is which stays hidden until you reveal it." : "Revealed.");
  }
}

// A comment keeps the node's place; `fields` and `ui` still hold what is taken out.
const stashed = [];
function stash(node) {
  const place = document.createComment("");
  stashed.push([node, place]);
  node.replaceWith(place);
}
