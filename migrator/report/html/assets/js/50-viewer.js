// One pair on a stage: six ways to compare, with one zoom and one position for all pictures on it.
const MODES = ["side", "slider", "overlay", "blink", "difference", "edit"];
const stage = $("stage");
const camera = { scale: 1, x: 0, y: 0 }; // x and y as shares of a pane, so that they survive a resize
const level = { slider: 50, overlay: 50 };
let layers = [];
let held = false;

function openPair(pair, push = true) {
  view.pair = pair;
  if (view.name !== "pair") { setView("pair", push); }
  draw();
  remember();
  $("v-title").focus({ preventScroll: true });
}

function step(by) {
  const list = sequence(), at = list.indexOf(view.pair);
  const next = list[at + by];
  if (next) openPair(next, false);
  else toast(by > 0 ? "That was the last pair." : "This is the first pair.", 2000);
}

function title(side, index) {
  if (root.classList.contains("blind")) return "AB"[index];
  if (!side) return index ? "New" : "Old";
  return data().sources[side.source].label;
}
function role(side) {
  return root.classList.contains("blind") || !side ? "" : data().sources[side.source].role;
}

function draw() {
  const pair = view.pair, blind = root.classList.contains("blind");
  let sides = sidesOf(pair);
  const other = Number($("v-with").value);
  if (!blind && data().sources.length > 2 && $("v-with").value !== "") sides = [sides[0], pair.sides[other]];
  const both = sides.every((side) => side && side.whole);
  let mode = view.mode;
  if (mode === "edit" && (!pair.edit || blind)) mode = "side";
  if (mode !== "edit" && !both) mode = "side";
  stage.dataset.mode = mode;
  stage.replaceChildren();
  layers = [];
  const alpha = sides.some((side) => side && side.alpha);
  const ground = $("v-ground").value;
  stage.className = ground === "auto" ? (alpha ? "checker" : "") : ground;
  if (mode === "edit") {
    const input = pane([{ whole: pair.edit.input, alpha: true }], "Input", "", "", true);
    if (pair.edit.mask) addOver(input, pair.edit.mask, "mask");
    const panes = [input, ...sides.map((side, index) => pane([side], title(side, index), role(side), facts(side)))];
    if (pair.edit.heat) addOver(panes[2], pair.edit.heat, "heat");
    stage.append(...panes);
  } else if (mode === "side") {
    stage.append(...sides.map((side, index) => pane([side], title(side, index), role(side), blind ? "" : facts(side))));
  } else {
    const box = pane(sides, title(sides[0], 0), role(sides[0]), blind ? "" : facts(sides[0]));
    if (mode !== "blink") box.append(tag(title(sides[1], 1), role(sides[1]), blind ? "" : facts(sides[1]), true));
    if (mode === "slider") box.append(el("i", { class: "divider" }));
    stage.append(box);
  }
  controls(mode, sides, both);
  panel(pair, sides);
  place();
  ahead(pair);
}

function facts(side) { return side && side.whole ? side.facts : ""; }
function tag(name, cls, words, end = false) {
  return el("p", { class: `label ${cls} ${end ? "end" : ""}` }, el("b", {}, name), words && el("small", {}, words));
}

function pane(sides, name, cls, words) {
  const box = el("div", { class: "pane" }, tag(name, cls, words));
  sides.forEach((side, index) => {
    if (!side || !side.whole) {
      const state = side ? side.state : "absent";
      const extra = side && side.error ? side.error : "";
      box.append(el("div", { class: `gone ${state}` },
        el("b", {}, side ? data().states[state] : "No such source in this run"),
        el("span", {}, side ? side.reason : ""), extra && el("span", {}, extra)));
      return;
    }
    const layer = el("div", { class: "layer" });
    const clip = el("div", { class: `clip ${index ? "second" : "first"}` }, layer);
    const shot = root.classList.contains("blind") ? anonymous(side, sides, name) : el("img", {
      class: "shot", src: side.whole, draggable: false, decoding: "async", alt: `${name} picture`,
    });
    layer.append(shot);
    layers.push({ box, layer, shots: [shot], side });
    shot.addEventListener("load", place);
    box.append(clip);
  });
  return box;
}
function addOver(box, address, cls) {
  const entry = layers.find((one) => one.box === box);
  if (!entry) return;
  const shot = el("img", { class: `shot ${cls}`, src: address, alt: "", draggable: false });
  entry.layer.append(shot);
  entry.shots.push(shot);
}

// A canvas carries no file name and no size of its own; both sides get the same number of pixels.
function anonymous(side, _sides, name) {
  const [width, height] = common(view.pair);
  const canvas = el("canvas", { class: "shot plain", width, height, role: "img" });
  canvas.setAttribute("aria-label", `Picture ${name}`);
  const picture = new Image();
  picture.onload = () => {
    const fit = Math.min(width / picture.naturalWidth, height / picture.naturalHeight);
    const w = picture.naturalWidth * fit, h = picture.naturalHeight * fit;
    canvas.getContext("2d").drawImage(picture, (width - w) / 2, (height - h) / 2, w, h);
  };
  picture.src = side.whole;
  return canvas;
}
function common(pair) {
  const sides = [data().old, data().new].map((index) => pair.sides[index]);
  return [Math.max(...sides.map((side) => side.w)), Math.max(...sides.map((side) => side.h))];
}

function place() {
  for (const { box, layer, shots, side } of layers) {
    const shot = shots[0], room = box.getBoundingClientRect();
    const w = shot.naturalWidth || shot.width || side.w, h = shot.naturalHeight || shot.height || side.h;
    if (!w || !h || !room.width) continue;
    const fit = Math.min((room.width - 16) / w, (room.height - 16) / h);
    for (const one of shots) {
      Object.assign(one.style, {
        width: `${w * fit}px`, height: `${h * fit}px`,
        left: `${(room.width - w * fit) / 2}px`, top: `${(room.height - h * fit) / 2}px`,
      });
    }
    layer.style.transform = `translate(${camera.x * room.width}px, ${camera.y * room.height}px) scale(${camera.scale})`;
    box.dataset.fit = fit;
  }
  stage.classList.toggle("crisp", camera.scale * Number(layers[0]?.box.dataset.fit || 1) >= 3);
  $("z-value").textContent = camera.scale === 1 ? "Fit" : `${Math.round(camera.scale * 100)} %`;
  const second = stage.querySelector(".second"), first = stage.querySelector(".first");
  if (!second) return;
  const mode = stage.dataset.mode;
  second.style.clipPath = mode === "slider" ? `inset(0 0 0 ${level.slider}%)` : "";
  first.style.clipPath = mode === "slider" ? `inset(0 ${100 - level.slider}% 0 0)` : "";
  second.style.opacity = mode === "overlay" ? level.overlay / 100 : mode === "blink" && !held ? 0 : 1;
  first.style.opacity = mode === "blink" && held ? 0 : 1;
  const divider = stage.querySelector(".divider");
  if (divider) divider.style.left = `${level.slider}%`;
}

function controls(mode, sides, both) {
  const blind = root.classList.contains("blind");
  for (const button of document.querySelectorAll("[data-mode]")) {
    if (button === stage) continue;
    const name = button.dataset.mode;
    button.setAttribute("aria-pressed", String(name === mode));
    button.disabled = name === "edit" ? !view.pair.edit || blind : name !== "side" && !both;
  }
  const list = sequence();
  $("v-place").textContent = `${(list.indexOf(view.pair) + 1).toLocaleString("en")} / ${list.length.toLocaleString("en")}`;
  const ranged = mode === "slider" || mode === "overlay";
  $("v-range-label").hidden = !ranged;
  const label = mode === "slider" ? `Divider: ${title(sides[0], 0)} left, ${title(sides[1], 1)} right`
    : `${title(sides[0], 0)} to ${title(sides[1], 1)}`;
  if (ranged) { $("v-range").value = level[mode]; $("v-range-text").textContent = label; }
  $("v-hold").hidden = mode !== "blink";
  const sizes = sides.filter((side) => side && side.whole).map((side) => `${side.w}×${side.h}`);
  const differ = !blind && sizes.length === 2 && sizes[0] !== sizes[1] && mode !== "side" && mode !== "edit";
  const hints = [];
  if (mode === "difference") hints.push("Differences are an aid for layout, not a score: another model never repeats a picture.");
  if (mode === "edit") hints.push(`${view.pair.edit.heat ? "Red on the new picture: changed outside the mask. " : ""}${view.pair.edit.sentence}`);
  if (differ) hints.push(`The sizes differ (${sizes.join(" and ")}): both are fitted into one frame.`);
  if (mode !== view.mode) hints.push(view.mode === "edit" ? "This pair is no edit." : "One picture is missing, so they are side by side.");
  $("v-hint").textContent = hints.join(" ");
}

function zoom(factor, at = null) {
  const room = layers[0]?.box.getBoundingClientRect();
  if (!room) return;
  const scale = Math.min(32, Math.max(1, camera.scale * factor));
  const pane_ = at ? document.elementFromPoint(at.clientX, at.clientY)?.closest(".pane") : null;
  const rect = pane_ ? pane_.getBoundingClientRect() : room;
  const px = at ? (at.clientX - rect.left) / rect.width : 0.5;
  const py = at ? (at.clientY - rect.top) / rect.height : 0.5;
  camera.x = px - ((px - camera.x) * scale) / camera.scale;
  camera.y = py - ((py - camera.y) * scale) / camera.scale;
  camera.scale = scale;
  if (scale === 1) camera.x = camera.y = 0;
  keepInSight();
  place();
}
function keepInSight() {
  const least = 1 - camera.scale;
  camera.x = Math.min(0, Math.max(least, camera.x));
  camera.y = Math.min(0, Math.max(least, camera.y));
}
function fitStage() { Object.assign(camera, { scale: 1, x: 0, y: 0 }); place(); }
function fullSize() {
  const fit = Number(layers[0]?.box.dataset.fit || 1);
  Object.assign(camera, { scale: 1, x: 0, y: 0 });
  zoom(1 / (fit * (window.devicePixelRatio || 1)));
}
function move(dx, dy) { camera.x += dx; camera.y += dy; keepInSight(); place(); }
function hold(on) {
  if (held === on) return;
  held = on;
  if (stage.dataset.mode === "blink") {
    const sides = sidesOf(view.pair), index = on ? 1 : 0, label = stage.querySelector(".label");
    label.replaceWith(tag(title(sides[index], index), role(sides[index]), root.classList.contains("blind") ? "" : facts(sides[index])));
  }
  place();
}

// The next pair's pictures are fetched while this one is looked at.
function ahead(pair) {
  const list = sequence(), next = list[list.indexOf(pair) + 1];
  for (const side of next ? sidesOf(next) : []) if (side && side.whole) new Image().src = side.whole;
}

let drag = null;
stage.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  const box = event.target.closest(".pane")?.getBoundingClientRect();
  if (!box) return;
  const grip = Math.abs((event.clientX - box.left) / box.width * 100 - level.slider) < 4;
  const slide = stage.dataset.mode === "slider" && (camera.scale === 1 || grip);
  drag = { x: event.clientX, y: event.clientY, box, slide };
  stage.setPointerCapture(event.pointerId);
  stage.classList.add("moving");
  if (slide) slideTo(event);
});
stage.addEventListener("pointermove", (event) => {
  if (!drag) return;
  if (drag.slide) { slideTo(event); return; }
  move((event.clientX - drag.x) / drag.box.width, (event.clientY - drag.y) / drag.box.height);
  drag.x = event.clientX;
  drag.y = event.clientY;
});
for (const name of ["pointerup", "pointercancel"]) {
  stage.addEventListener(name, () => { drag = null; stage.classList.remove("moving"); });
}
function slideTo(event) {
  level.slider = Math.round(Math.min(100, Math.max(0, (event.clientX - drag.box.left) / drag.box.width * 100)));
  $("v-range").value = level.slider;
  place();
}
stage.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(Math.exp(-event.deltaY * 0.0016), event);
}, { passive: false });
stage.addEventListener("dblclick", (event) => { if (camera.scale > 1) fitStage(); else zoom(3, event); });
new ResizeObserver(place).observe(stage);
