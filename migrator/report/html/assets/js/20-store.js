// Verdicts: kept in this browser per run and reviewer, undone, exported, imported, merged.
// localStorage is shared by every page opened from a file, so each key begins with the run.
const PREFIX = `migrator:verdicts:${runId}:`;
const store = {
  reviewer: storage.get("migrator:reviewer") || "reviewer",
  records: new Map(), // JSON of [reviewer, prompt id, sample, kind] -> record
  notes: new Map(), // pair key -> the present reviewer's note
  stale: 0,
  history: [],

  id(record) {
    return JSON.stringify([record.reviewer, record.prompt_id, record.sample, kindOf(record.verdict)]);
  },
  pairOf(record) {
    return data().byKey.get(JSON.stringify([record.prompt_id, record.sample]));
  },
  fresh(record) {
    const pair = this.pairOf(record);
    return Boolean(pair) && record.left === pair.left && record.right === pair.right;
  },

  load() {
    this.records.clear();
    this.notes.clear();
    this.history = [];
    this.stale = 0;
    for (const record of data().applied) this.take(record);
    for (const key of storage.keys().filter((name) => name.startsWith(PREFIX))) {
      try {
        const saved = JSON.parse(storage.get(key));
        const reviewer = decodeURIComponent(key.slice(PREFIX.length));
        for (const record of saved.records) {
          if (valid(record)) this.take({ ...record, reviewer });
        }
        if (reviewer === this.reviewer) this.notes = new Map(Object.entries(saved.notes || {}));
      } catch { /* not ours, or damaged: what can be read counts */ }
    }
  },
  // The newer of two records about the same thing by the same person stays.
  take(record) {
    if (!this.fresh(record)) { this.stale += 1; return false; }
    const id = this.id(record), known = this.records.get(id);
    if (known && known.at >= record.at) return false;
    this.records.set(id, record);
    return true;
  },
  save(reviewer = this.reviewer) {
    const records = [...this.records.values()].filter((record) => record.reviewer === reviewer);
    const notes = reviewer === this.reviewer ? Object.fromEntries(this.notes) : {};
    const done = storage.set(PREFIX + encodeURIComponent(reviewer), JSON.stringify({ records, notes }));
    if (!done) toast("This browser keeps nothing: export before you close the page.", 8000);
  },
  mine(pair, kind) {
    return this.records.get(JSON.stringify([this.reviewer, pair.id, pair.s, kind]));
  },
  ofPair(pair) {
    return ["decision", "preference"].map((kind) => this.mine(pair, kind)).filter(Boolean);
  },
  others(pair) {
    return [...this.records.values()].filter((record) => record.reviewer !== this.reviewer
      && record.prompt_id === pair.id && record.sample === pair.s);
  },

  // The same verdict a second time takes it back.
  give(pair, verdict, shownLeft) {
    const kind = kindOf(verdict), before = this.mine(pair, kind);
    const id = JSON.stringify([this.reviewer, pair.id, pair.s, kind]);
    this.history.push({ pair, id, before });
    if (before && before.verdict === verdict) {
      this.records.delete(id);
      this.save();
      return false;
    }
    this.records.set(id, {
      prompt_id: pair.id, sample: pair.s, left: pair.left, right: pair.right, verdict,
      note: this.notes.get(pair.key) || "", at: new Date().toISOString(), reviewer: this.reviewer,
      blind: root.classList.contains("blind"), shown_left: shownLeft,
    });
    this.save();
    return true;
  },
  undo() {
    const last = this.history.pop();
    if (!last) return null;
    if (last.before) this.records.set(last.id, last.before);
    else this.records.delete(last.id);
    this.save();
    return last.pair;
  },
  note(pair, words) {
    if (words) this.notes.set(pair.key, words);
    else this.notes.delete(pair.key);
    for (const record of this.ofPair(pair)) record.note = words;
    this.save();
  },

  exported() {
    const verdicts = [...this.records.values()].sort((a, b) => (this.id(a) < this.id(b) ? -1 : 1));
    return { version: 1, run: runId, reviewer: this.reviewer, verdicts };
  },
  merge(file) {
    if (!file || file.version !== 1 || !Array.isArray(file.verdicts)) {
      return "This is not a verdicts file.";
    }
    if (file.run !== runId) return `These verdicts belong to another run (${String(file.run).slice(0, 60)}).`;
    let taken = 0, refused = 0, known = 0;
    const touched = new Set();
    for (const raw of file.verdicts) {
      const record = { ...raw, reviewer: String(raw && raw.reviewer || file.reviewer || "unknown") };
      if (!valid(record) || !this.fresh(record)) { refused += 1; continue; }
      if (!this.take(record)) { known += 1; continue; }
      taken += 1;
      touched.add(record.reviewer);
      if (record.reviewer === this.reviewer && record.note) {
        this.notes.set(JSON.stringify([record.prompt_id, record.sample]), record.note);
      }
    }
    for (const reviewer of touched) this.save(reviewer);
    const parts = [`${taken} merged`];
    if (known) parts.push(`${known} known already`);
    if (refused) parts.push(`${refused} refused: about other pictures`);
    return parts.join(", ") + ".";
  },
};

function valid(record) {
  return record && typeof record === "object" && typeof record.prompt_id === "string"
    && Number.isInteger(record.sample) && typeof record.at === "string" && record.verdict in WORDS;
}

// Wilson's interval at 95 %.
function wilson(wins, count) {
  const z = 1.959964, share = wins / count, z2 = z * z / count;
  const middle = (share + z2 / 2) / (1 + z2);
  const reach = (z / (1 + z2)) * Math.sqrt(share * (1 - share) / count + z2 / (4 * count));
  return [Math.max(0, middle - reach), Math.min(1, middle + reach)];
}
