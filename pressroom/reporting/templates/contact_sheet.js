"use strict";
(() => {
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  document.documentElement.classList.add("scripted");

  const chosen = new Map();
  const filter = () => {
    let shown = 0;
    for (const tile of all(".tile")) {
      const wanted = Array.from(chosen).every(([key, value]) => {
        if (key === "kind" || key === "platform") return tile.dataset[key] === value;
        return JSON.parse(tile.dataset.variant)[key] === value;
      });
      tile.hidden = !wanted;
      shown += wanted ? 1 : 0;
    }
    for (const slot of all(".slot")) slot.hidden = !slot.querySelector(".tile:not([hidden])");
    for (const group of all(".platform")) group.hidden = !group.querySelector(".tile:not([hidden])");
    document.getElementById("shown").textContent = chosen.size ? shown + " shown" : "";
  };
  for (const select of all("[data-filter]")) {
    select.addEventListener("change", () => {
      if (select.value) chosen.set(select.dataset.filter, JSON.parse(select.value));
      else chosen.delete(select.dataset.filter);
      filter();
    });
  }

  const zones = document.getElementById("zones");
  if (zones) {
    zones.addEventListener("click", () => {
      const on = document.body.classList.toggle("show-zones");
      zones.setAttribute("aria-pressed", String(on));
    });
  }

  // A poster without a control bar over it; the bar comes back with the first click.
  for (const video of all(".frame video[poster]")) {
    video.controls = false;
    const play = document.createElement("button");
    play.type = "button";
    play.className = "play";
    play.setAttribute("aria-label", "Play " + video.getAttribute("aria-label"));
    play.addEventListener("click", () => {
      play.remove();
      video.controls = true;
      video.focus();
      video.play();
    });
    video.after(play);
  }

  const box = document.getElementById("lightbox");
  const stage = box.querySelector(".stage");
  let current = null;
  const show = (tile) => {
    current = tile;
    const link = tile.querySelector(".open");
    const small = tile.querySelector(".frame img");
    const picture = document.createElement("img");
    picture.alt = small.alt;
    picture.src = small.src;
    const full = link.dataset.full;
    if (full) {
      const large = new Image();
      large.onload = () => { if (current === tile) picture.src = large.src; };
      large.src = full;
    }
    stage.replaceChildren(picture);
    box.querySelector("figcaption").textContent = link.dataset.caption;
    if (!box.open) box.showModal();
  };
  const step = (by) => {
    const tiles = all(".tile:not([hidden])").filter((tile) => tile.querySelector(".open"));
    const at = tiles.indexOf(current);
    if (at >= 0) show(tiles[(at + by + tiles.length) % tiles.length]);
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".open");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    show(link.closest(".tile"));
  });
  box.querySelector(".back").addEventListener("click", () => step(-1));
  box.querySelector(".on").addEventListener("click", () => step(1));
  box.querySelector(".close").addEventListener("click", () => box.close());
  box.addEventListener("click", (event) => { if (event.target === box || event.target === stage) box.close(); });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });
})();
