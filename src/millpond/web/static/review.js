// The review of a list: what is ticked is added up as it changes. Without this the node adds up.
"use strict";
const review = document.getElementById("review");
const whole = (text) => {
  const plain = text.normalize("NFKC").trim();
  return /^[0-9]{1,6}$/.test(plain) ? Number(plain) : 0;
};

function unitsOf(entry) {
  const units = new Map();
  const count = (item, field) => {
    if (item && item !== "none" && field) units.set(item, (units.get(item) || 0) + whole(field.value));
  };
  for (const field of entry.querySelectorAll("[data-item]")) count(field.dataset.item, field);
  for (const which of entry.querySelectorAll("[data-which]")) count(which.value, document.getElementById(which.dataset.which));
  return units;
}

function addUp() {
  const sums = new Map();
  let ticked = 0, all = 0;
  for (const entry of review.querySelectorAll(".entry")) {
    all += 1;
    if (!entry.querySelector("[name^=take-]").checked) continue;
    ticked += 1;
    for (const [item, units] of unitsOf(entry)) sums.set(item, (sums.get(item) || 0) + units);
  }
  for (const cell of review.querySelectorAll("[data-ticked]")) cell.textContent = (sums.get(cell.dataset.ticked) || 0).toLocaleString("en");
  review.querySelector("[data-count]").textContent = review.dataset.sum.replace("{n}", ticked).replace("{all}", all);
}

review.addEventListener("input", (event) => {
  const entry = event.target.closest(".entry");
  if (entry && event.target.name.startsWith("name-")) entry.querySelector("[data-name]").textContent = event.target.value || "?";
  if (entry && (event.target.dataset.item || event.target.dataset.which || /^(w|x)q-/.test(event.target.name))) {
    const labels = new Map([...review.querySelectorAll("[data-ticked]")].map((cell) => [cell.dataset.ticked, cell.closest("tr").querySelector("th").textContent]));
    entry.querySelector("[data-what]").textContent = [...unitsOf(entry)].filter(([, units]) => units).map(([item, units]) => `${labels.get(item)} ${units}`).join(", ");
  }
  addUp();
});
review.addEventListener("keydown", (event) => { // Enter in a field must not take the list in
  if (event.key === "Enter" && event.target.tagName === "INPUT") event.preventDefault();
});
addUp();
