// What makes pages handier; each of them works without.

document.documentElement.classList.add("scripted");

// Files dropped anywhere on the library are put into its form and sent.
const drop = document.getElementById("drop");
if (drop) {
  const over = (on) => (event) => { event.preventDefault(); drop.classList.toggle("over", on); };
  addEventListener("dragover", over(true));
  addEventListener("dragleave", over(false));
  addEventListener("drop", (event) => {
    over(false)(event);
    if (!event.dataTransfer.files.length) return;
    drop.querySelector("input[type=file]").files = event.dataTransfer.files;
    drop.requestSubmit();
  });
}

// A choice that goes to another page.
for (const select of document.querySelectorAll("[data-goes]")) {
  select.addEventListener("change", () => location.assign(select.value));
}

// A colour is picked as well as written.
for (const text of document.querySelectorAll("[data-colour]")) {
  const pick = document.createElement("input");
  pick.type = "color";
  pick.value = text.dataset.colour;
  pick.setAttribute("aria-label", `${text.labels[0].firstChild.textContent.trim()}, picked`);
  pick.addEventListener("input", () => { text.value = pick.value; });
  text.addEventListener("input", () => { if (text.checkValidity() && text.value) pick.value = text.value.toLowerCase(); });
  text.after(pick);
}

// A problem's line is marked in the editor.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-line]");
  const text = document.getElementById("text");
  if (!link || !text) return;
  event.preventDefault();
  const lines = text.value.split("\n");
  const at = Math.min(Number(link.dataset.line), lines.length) - 1;
  const start = lines.slice(0, at).reduce((sum, line) => sum + line.length + 1, 0);
  text.focus();
  text.setSelectionRange(start, start + lines[at].length);
  text.scrollTop = Math.max(0, (at - 4) * (text.scrollHeight / lines.length));
});

// Two pictures lie on each other, and a slider uncovers the lower one.
document.addEventListener("input", ({ target }) => {
  if (target.id !== "slide") return;
  const [, above] = target.closest(".compared").querySelectorAll(".compare figure img");
  above.style.clipPath = `inset(0 0 0 ${100 - target.value}%)`;
});

// A wide lineage is opened at the asset itself.
for (const box of document.querySelectorAll(".lineage")) {
  const own = box.querySelector("[aria-current] rect");
  box.scrollLeft = own.x.baseVal.value + (own.width.baseVal.value - box.clientWidth) / 2;
  box.scrollTop = own.y.baseVal.value + (own.height.baseVal.value - box.clientHeight) / 2;
}

// An open menu closes with Escape, which gives the focus back, and when another one opens or one clicks elsewhere.
const menus = ".menu[open], .facet[open]";
document.addEventListener("keydown", (event) => {
  const menu = document.querySelector(menus);
  if (event.key === "Escape" && menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(menus)) if (!menu.contains(event.target)) menu.open = false;
});

// What is told beside a field is true of its control as well.
document.addEventListener("htmx:after:swap", () => {
  for (const told of document.querySelectorAll(".field-problem[id]")) {
    const control = document.getElementById(told.id.replace("problem-", ""));
    if (told.textContent.trim()) control?.setAttribute("aria-invalid", "true");
    else control?.removeAttribute("aria-invalid");
  }
});
