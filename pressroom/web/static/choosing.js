// Media for a field of a form: chosen from the library, or brought along. What stands in the field is what counts.

const dialog = document.getElementById("chooser");
const search = dialog.querySelector("[role=search]");
const bring = dialog.querySelector("#bring");
const said = dialog.querySelector("[role=status]");
let field;

const several = () => field.tagName === "TEXTAREA";

document.addEventListener("click", ({ target }) => {
  const opener = target.closest("[data-choose]");
  if (opener) open(opener);
  const pick = target.closest("#picks [data-asset]");
  if (pick) take(pick.dataset.asset, pick.querySelector("b").textContent);
  if (target === dialog) dialog.close(); // beside it
});

function open(opener) {
  field = document.getElementById(opener.dataset.choose);
  said.textContent = "";
  for (const kind of search.querySelectorAll("[name=kind]")) kind.remove();
  for (const kind of opener.dataset.kinds.split(" ")) {
    search.append(Object.assign(document.createElement("input"), { type: "hidden", name: "kind", value: kind }));
  }
  if (bring) {
    bring.reset();
    bring.elements.file.multiple = several();
  }
  dialog.showModal();
  search.dispatchEvent(new Event("opened"));
}

// Puts it into the field, as if somebody had typed it; another one may follow where several belong.
function take(id, name) {
  const before = several() ? field.value.trim() : "";
  field.value = before ? `${before}\n${id}` : id;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  if (several()) said.textContent = `${name} is in the form.`;
  else dialog.close();
}

bring?.addEventListener("change", async () => {
  for (const file of bring.elements.file.files) {
    said.textContent = `Sending ${file.name} …`;
    const sent = new FormData();
    sent.append("form_token", bring.elements.form_token.value);
    sent.append("file", file);
    const answer = await fetch("/library/pick", { method: "POST", body: sent, headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok) {
      const told = answer && new DOMParser().parseFromString(await answer.text(), "text/html").body.textContent.trim();
      said.textContent = told || "The file could not be sent. Try again.";
      break;
    }
    take(await answer.text(), file.name);
  }
  bring.reset();
});
bring?.addEventListener("submit", (event) => event.preventDefault());
