"use strict";
for (const box of document.querySelectorAll(".search")) {
  const section = box.closest("section");
  const items = [...section.querySelectorAll(".item")];
  const input = box.querySelector("input");
  const found = box.querySelector(".found");
  let wait = 0;
  const search = () => {
    const wanted = input.value.trim().toLowerCase();
    let shown = 0;
    for (const item of items) {
      item.hidden = wanted !== "" && !item.textContent.toLowerCase().includes(wanted);
      shown += item.hidden ? 0 : 1;
    }
    for (const group of section.querySelectorAll(".group")) {
      group.hidden = !group.querySelector(".item:not([hidden])");
    }
    for (const fold of section.querySelectorAll(".long")) {
      fold.open = wanted !== "" && shown > 0;
    }
    found.textContent = wanted === "" ? "" : ` ${shown} of ${items.length}`;
  };
  box.hidden = items.length < 8;
  input.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(search, 80); });
}
