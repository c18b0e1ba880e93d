// The run's data, elements by id, and small helpers. Text enters the page as text only.
const $ = (id) => document.getElementById(id);
const root = document.documentElement;

function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "class") node.className = value;
    else if (name in node && name !== "list") node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

const holder = $("data");
const text = holder.textContent;
holder.remove(); // it says which side is which
const runId = document.body.dataset.run;
const total = Number(document.body.dataset.pairs);
const holderOfCards = $("cards");
const cardOf = new Map(); // pair -> its card
const EMPTY_PAIR = { s: 0, name: "", rank: 0, tags: [], flags: [], failed: [], both: false, origin: "", edit: null };
const EMPTY_SIDE = { reason: "", error: "", sha: "", whole: "", w: 0, h: 0, alpha: false, facts: "", time: "", price: "", tries: 0, rid: "", usage: [] };
let parsed = null;
function data() {
  if (!parsed) {
    parsed = JSON.parse(text);
    const byId = new Map([...holderOfCards.children].map((card) => [card.id, card]));
    parsed.pairs = parsed.pairs.map(filled);
    for (const pair of parsed.pairs) cardOf.set(pair, byId.get(`pair-${pair.n}`));
    parsed.byKey = new Map(parsed.pairs.map((pair) => [pair.key, pair]));
  }
  return parsed;
}

// What is empty is left out of the page, and what pairs have in common stands there once.
function filled(short) {
  const { shared, old, new: fresh } = parsed;
  const pair = { ...EMPTY_PAIR, ...short, key: JSON.stringify([short.id, short.s || 0]), changes: shared[short.changes] || [] };
  pair.name ||= pair.id;
  pair.sides = short.sides.map((side, source) => ({
    ...EMPTY_SIDE, ...side, source, checks: shared[side.checks] || [], passed: shared[side.passed] || "",
    facts: shared[side.facts] || "", price: shared[side.price] || "",
    sha: side.sha || (side.whole ? side.whole.slice(7, 71) : null),
  }));
  pair.left = old === null ? null : pair.sides[old].sha;
  pair.right = fresh === null ? null : pair.sides[fresh].sha;
  return pair;
}

const pairs = () => data().pairs;
const pairOfCard = (card) => pairs()[Number(card.id.slice(5)) - 1];

const PREFERENCES = ["old", "new", "tie", "both_bad"];
const DECISIONS = ["accept", "needs_work", "reject"];
const WORDS = {
  accept: "Accepted", needs_work: "Needs work", reject: "Rejected",
  old: "Old better", new: "New better", tie: "No difference", both_bad: "Both bad",
};
const kindOf = (verdict) => (DECISIONS.includes(verdict) ? "decision" : "preference");

let toastTimer = 0;
function toast(message, stay = 4000) {
  const box = $("toast");
  box.hidden = false;
  box.textContent = message;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; }, stay);
}

const storage = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) {
    try { localStorage.setItem(key, value); return true; } catch { return false; }
  },
  keys() { try { return Object.keys(localStorage); } catch { return []; } },
};

// 32 bits that depend on every letter: which side goes left must not follow from anything in sight.
function hash(words) {
  let h = 2166136261;
  for (let i = 0; i < words.length; i++) h = Math.imul(h ^ words.charCodeAt(i), 16777619);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
