// What is pointed out on a picture: a mask that is painted, a point, a box. What stands in the fields is what counts; this writes
// into them and shows what they say.

const form = document.getElementById("make");
const source = form.querySelector("[name=image]");
const WAIT = 300; // ms after the last change of the picture's id
const STEP = 0.01; // of the picture, by an arrow key; five times that with Shift
const LONGEST = 2048; // pixels of a mask's longer side while it is painted; it is filed as large as its picture

const PAINT = "#e5007d"; // what it looks like while it is painted; it is sent as white

const clamp = (value, low = 0, high = 1) => Math.min(high, Math.max(low, value));
const round = (value) => Math.round(value * 1000) / 1000;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

const button = (text, pressed, clicked) =>
  element("button", { type: "button", ...(pressed === null ? {} : { "aria-pressed": String(pressed) }), onclick: clicked }, text);

// Tells the form that a field has changed, as if somebody had typed.
function written(field) {
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// Where the pointer is, as shares of an element.
function share(event, over) {
  const box = over.getBoundingClientRect();
  return { x: clamp((event.clientX - box.left) / box.width), y: clamp((event.clientY - box.top) / box.height) };
}

// Calls back while a pointer that went down over an element moves, until it goes up.
function drag(over, begin, move, end = () => {}) {
  over.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    over.focus({ preventScroll: true });
    over.setPointerCapture(event.pointerId);
    begin(share(event, over), event);
    const moved = (next) => { for (const each of next.getCoalescedEvents?.() ?? [next]) move(share(each, over), each); };
    over.addEventListener("pointermove", moved);
    over.addEventListener("lostpointercapture", () => {
      over.removeEventListener("pointermove", moved);
      end();
    }, { once: true });
  });
}

const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// A picture with something over it, shown where the picture is known.
class Stage {
  constructor(field, label, open) {
    this.field = field;
    this.image = element("img", { alt: "", draggable: "false" });
    this.over = element("div", { class: "over" }, this.image);
    this.box = element("details", { class: "picking", open, hidden: true }, element("summary", {}, label), this.over);
    field.querySelector(".help").before(this.box);
  }

  show(picture) {
    this.box.hidden = !picture;
    if (!picture || this.picture?.id === picture.id) return;
    this.picture = picture;
    this.image.src = picture.preview;
    this.image.width = picture.width;
    this.image.height = picture.height;
    this.changed?.();
  }
}

class Parts extends Stage {
  constructor(field, label) {
    super(field, label, false);
    this.inputs = Object.fromEntries([...field.querySelectorAll("[data-part]")].map((each) => [each.dataset.part, each]));
    this.over.tabIndex = 0;
    this.over.setAttribute("role", "group");
    field.addEventListener("input", (event) => { if (event.target.dataset.part) this.draw(); });
    this.box.append(element("p", { class: "row" }, button("Take it away", null, () => this.write({}))));
  }

  changed() { this.draw(); }

  number(name) {
    const text = this.inputs[name].value.trim().replace(",", ".");
    return text === "" ? null : Number.parseFloat(text);
  }

  write(values) {
    for (const [name, input] of Object.entries(this.inputs)) input.value = values[name] ?? "";
    this.draw();
    written(Object.values(this.inputs)[0]);
  }
}

class Point extends Parts {
  constructor(field) {
    super(field, "Point at it");
    this.mark = element("span", { class: "mark-point", hidden: true });
    this.over.append(this.mark);
    this.over.setAttribute("aria-label", "The point on the picture: arrow keys move it, with Shift further");
    const put = (at) => this.write({ x: round(at.x), y: round(at.y) });
    drag(this.over, put, put);
    this.over.addEventListener("keydown", (event) => {
      const [x, y] = arrows[event.key] ?? [];
      if (x === undefined) return;
      event.preventDefault();
      const far = STEP * (event.shiftKey ? 5 : 1);
      put({ x: clamp((this.number("x") ?? 0.5) + x * far), y: clamp((this.number("y") ?? 0.5) + y * far) });
    });
  }

  draw() {
    const [x, y] = [this.number("x"), this.number("y")];
    this.mark.hidden = x === null || y === null;
    this.mark.style.left = `${x * 100}%`;
    this.mark.style.top = `${y * 100}%`;
  }
}

// `area` says whether it is written by a corner and a size, in pixels or percent, or by its edges as shares.
class Box extends Parts {
  constructor(field, area) {
    super(field, "Draw it on the picture");
    this.area = area;
    this.mark = element("span", { class: "mark-box", hidden: true });
    this.over.append(this.mark);
    this.over.setAttribute("aria-label", "The box on the picture: arrow keys move it, with Shift they change its size");
    let from, grabbed;
    drag(this.over, (at) => {
      const box = this.edges();
      from = at;
      grabbed = box && at.x > box.left && at.x < box.right && at.y > box.top && at.y < box.bottom ? box : null;
    }, (at) => {
      if (grabbed) this.put(this.moved(grabbed, at.x - from.x, at.y - from.y));
      else if (Math.abs(at.x - from.x) >= STEP && Math.abs(at.y - from.y) >= STEP) {
        const [xs, ys] = [[from.x, at.x].sort((a, b) => a - b), [from.y, at.y].sort((a, b) => a - b)];
        this.put({ left: xs[0], top: ys[0], right: xs[1], bottom: ys[1] });
      }
    });
    this.over.addEventListener("keydown", (event) => {
      const [x, y] = arrows[event.key] ?? [];
      if (x === undefined) return;
      event.preventDefault();
      const box = this.edges() ?? { left: 0.25, top: 0.25, right: 0.75, bottom: 0.75 };
      if (!event.shiftKey) return this.put(this.moved(box, x * STEP, y * STEP));
      const right = clamp(box.right + x * STEP, box.left + STEP);
      this.put({ ...box, right, bottom: clamp(box.bottom + y * STEP, box.top + STEP) });
    });
  }

  moved(box, x, y) {
    const [dx, dy] = [clamp(x, -box.left, 1 - box.right), clamp(y, -box.top, 1 - box.bottom)];
    return { left: box.left + dx, right: box.right + dx, top: box.top + dy, bottom: box.bottom + dy };
  }

  // In shares of the picture; null where nothing stands in the fields.
  edges() {
    if (!this.area) {
      const [left, top, right, bottom] = ["left", "top", "right", "bottom"].map((name) => this.number(name));
      return [left, top, right, bottom].includes(null) ? null : { left, top, right, bottom };
    }
    if (Object.values(this.inputs).every((input) => input.value.trim() === "")) return null;
    const length = (name, whole, otherwise) => {
      const found = this.number(name);
      if (found === null) return otherwise;
      return this.inputs[name].value.includes("%") ? found / 100 : found / whole;
    };
    const [wide, high] = [this.picture?.width ?? 1, this.picture?.height ?? 1];
    const [left, top] = [length("x", wide, 0), length("y", high, 0)];
    return { left, top, right: left + length("width", wide, 1), bottom: top + length("height", high, 1) };
  }

  put(box) {
    if (!this.area) {
      this.write(Object.fromEntries(Object.entries(box).map(([name, value]) => [name, round(value)])));
      return;
    }
    const percent = (value) => `${Math.round(value * 1000) / 10}%`;
    const [x, y] = [Math.floor(box.left * 1000) / 1000, Math.floor(box.top * 1000) / 1000];
    const fits = (size, from) => percent(Math.min(size, 1 - from));
    this.write({ x: percent(x), y: percent(y), width: fits(box.right - box.left, x), height: fits(box.bottom - box.top, y) });
  }

  draw() {
    const box = this.edges();
    this.mark.hidden = !box;
    if (!box) return;
    this.mark.style.left = `${box.left * 100}%`;
    this.mark.style.top = `${box.top * 100}%`;
    this.mark.style.width = `${(box.right - box.left) * 100}%`;
    this.mark.style.height = `${(box.bottom - box.top) * 100}%`;
  }
}

// Strokes are kept and not pixels: taking one back paints the others again.
class Painter extends Stage {
  constructor(field) {
    super(field, "Paint where it changes", true);
    this.input = field.querySelector("input");
    this.canvas = element("canvas", { tabindex: "0", role: "application" });
    this.canvas.setAttribute("aria-label",
      "Mask: arrow keys move the brush, Space paints, E erases, plus and minus change its size, Control Z takes back");
    this.ring = element("span", { class: "ring", hidden: true });
    this.over.append(this.canvas, this.ring);
    this.strokes = [];
    this.undone = [];
    this.erases = false;
    this.at = { x: 0.5, y: 0.5 };
    this.tools();
    drag(this.canvas, (at) => this.begin(at), (at) => this.go(at));
    this.canvas.addEventListener("pointermove", (event) => this.hover(share(event, this.canvas)));
    this.canvas.addEventListener("pointerleave", () => { this.ring.hidden = true; });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("blur", () => { this.ring.hidden = true; });
    form.addEventListener("submit", (event) => this.send(event));
  }

  tools() {
    const id = `${this.field.dataset.field}-brush`;
    this.size = element("input", { type: "range", id, min: "1", max: "40", value: "8", oninput: () => this.hover(this.at) });
    this.paints = button("Paint", true, () => this.erase(false));
    this.rubs = button("Erase", false, () => this.erase(true));
    this.said = element("p", { class: "help", role: "status" });
    this.box.append(
      element("div", { class: "row tools" },
        this.paints, this.rubs, element("label", { for: id }, "Brush"), this.size,
        button("Undo", null, () => this.undo()), button("Redo", null, () => this.redo()),
        button("Invert", null, () => this.add({ kind: "invert" })), button("Clear", null, () => this.add({ kind: "clear" })),
        element("button", { type: "button", class: "main", onclick: () => this.file() }, "Use this mask")),
      this.said);
  }

  changed() {
    const scale = Math.min(1, LONGEST / Math.max(this.picture.width, this.picture.height));
    this.canvas.width = Math.max(1, Math.round(this.picture.width * scale));
    this.canvas.height = Math.max(1, Math.round(this.picture.height * scale));
    this.strokes = [];
    this.undone = [];
    this.unsent = false;
  }

  get brush() { return (Number(this.size.value) / 100) * Math.max(this.canvas.width, this.canvas.height); }

  erase(on) {
    this.erases = on;
    this.paints.setAttribute("aria-pressed", String(!on));
    this.rubs.setAttribute("aria-pressed", String(on));
  }

  begin(at) { this.add({ kind: "line", erases: this.erases, width: this.brush, points: [at] }); }

  go(at) {
    const stroke = this.strokes.at(-1);
    stroke.points.push(at);
    this.line(stroke, stroke.points.length - 2);
  }

  add(stroke) {
    this.strokes.push(stroke);
    this.undone = [];
    this.apply(stroke);
    this.touched();
  }

  undo() {
    if (!this.strokes.length) return;
    this.undone.push(this.strokes.pop());
    this.again();
  }

  redo() {
    if (!this.undone.length) return;
    this.strokes.push(this.undone.pop());
    this.again();
  }

  again() {
    this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (const stroke of this.strokes) this.apply(stroke);
    this.touched();
  }

  touched() {
    this.unsent = this.strokes.length > 0;
    this.said.textContent = "";
  }

  apply(stroke) {
    const context = this.canvas.getContext("2d");
    if (stroke.kind === "line") return this.line(stroke, 0);
    if (stroke.kind === "clear") return context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.globalCompositeOperation = "xor";
    context.fillStyle = PAINT;
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    context.globalCompositeOperation = "source-over";
  }

  line({ erases, width, points }, from) {
    const context = this.canvas.getContext("2d");
    context.globalCompositeOperation = erases ? "destination-out" : "source-over";
    context.strokeStyle = context.fillStyle = PAINT;
    context.lineWidth = width;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    const places = points.slice(from).map(({ x, y }) => [x * this.canvas.width, y * this.canvas.height]);
    if (places.length === 1) {
      context.arc(...places[0], width / 2, 0, 2 * Math.PI); // a line from a point to itself is none
      context.fill();
    } else {
      context.moveTo(...places[0]);
      for (const place of places) context.lineTo(...place);
      context.stroke();
    }
    context.globalCompositeOperation = "source-over";
  }

  hover(at) {
    this.at = at;
    const shown = this.canvas.getBoundingClientRect().width / this.canvas.width;
    this.ring.hidden = false;
    this.ring.style.left = `${at.x * 100}%`;
    this.ring.style.top = `${at.y * 100}%`;
    this.ring.style.width = this.ring.style.height = `${this.brush * shown}px`;
  }

  key(event) {
    const [x, y] = arrows[event.key] ?? [];
    const does = {
      " ": () => this.begin(this.at),
      e: () => this.erase(!this.erases),
      "+": () => this.resize(2),
      "-": () => this.resize(-2),
      z: () => (event.ctrlKey || event.metaKey) && (event.shiftKey ? this.redo() : this.undo()),
    }[event.key.length === 1 ? event.key.toLowerCase() : ""];
    if (x === undefined && !does) return;
    event.preventDefault();
    if (does) return does();
    const far = STEP * (event.shiftKey ? 5 : 2);
    this.hover({ x: clamp(this.at.x + x * far), y: clamp(this.at.y + y * far) });
  }

  resize(by) {
    this.size.value = String(Number(this.size.value) + by);
    this.hover(this.at);
  }

  // The mask as a PNG: white where it was painted, nothing elsewhere.
  white() {
    const copy = element("canvas", { width: this.canvas.width, height: this.canvas.height });
    const context = copy.getContext("2d");
    context.drawImage(this.canvas, 0, 0);
    context.globalCompositeOperation = "source-in";
    context.fillStyle = "#fff";
    context.fillRect(0, 0, copy.width, copy.height);
    return new Promise((done) => copy.toBlob(done, "image/png"));
  }

  // Files the mask, and puts its id into the field; whether that was done.
  async file() {
    const picture = this.picture;
    const png = await this.white();
    const sent = new FormData();
    sent.append("form_token", form.elements.form_token.value);
    sent.append("mask", png, "mask.png");
    this.said.textContent = "Sending the mask …";
    const answer = await fetch(`/studio/masks/${encodeURIComponent(picture.id)}`, {
      method: "POST", body: sent, headers: { "HX-Request": "true" },
    }).catch(() => null);
    if (!answer?.ok) {
      const told = answer && new DOMParser().parseFromString(await answer.text(), "text/html").body.textContent.trim();
      this.said.textContent = told || "The mask could not be sent. Try again.";
      return false;
    }
    this.input.value = await answer.text();
    this.unsent = false;
    this.said.textContent = "The mask is in the form.";
    written(this.input);
    return true;
  }

  // What was painted and not used yet goes along with the form.
  async send(event) {
    if (!this.unsent || !event.submitter || this.box.hidden) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await this.file()) form.requestSubmit(event.submitter);
  }
}

const kinds = {
  mask: (field) => new Painter(field),
  point: (field) => new Point(field),
  box: (field) => new Box(field, false),
  area: (field) => new Box(field, true),
};
const stages = source ? [...form.querySelectorAll("[data-picked]")].map((field) => kinds[field.dataset.picked](field)) : [];

async function look() {
  const id = source.value.trim().replace(/^asset:/, "");
  const answer = /^[0-9a-z]{4,64}$/.test(id) ? await fetch(`/studio/pictures/${id}`).catch(() => null) : null;
  const picture = answer?.ok ? await answer.json() : null;
  if (source.value.trim().replace(/^asset:/, "") !== id) return;
  for (const stage of stages) stage.show(picture);
}

if (stages.length) {
  let waiting;
  source.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, WAIT);
  });
  look();
}
