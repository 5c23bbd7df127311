// The form of a group order: rows are added and left out without sending it, and the price curve follows what is typed.
"use strict";
{
  const form = document.getElementById("offer");
  const curve = document.getElementById("curve");
  for (const button of form.querySelectorAll(".no-js")) button.hidden = button.disabled = true;

  const numberOf = (row) => Number(/-([0-9]+)-/.exec(row.querySelector("input").name)[1]);
  const removable = (row) => {
    const button = row.querySelector("[data-remove]");
    if (!button) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      for (const field of row.querySelectorAll("input, textarea")) field.value = "";
      row.hidden = true;
      form.dispatchEvent(new Event("input"));
    });
  };

  for (const button of form.querySelectorAll("button[name=more]")) {
    const pattern = document.getElementById(`${button.value}-row`);
    if (!pattern) continue;
    const rows = document.getElementById(`${button.value}s`);
    button.type = "button";
    button.addEventListener("click", () => {
      const number = Math.max(-1, ...[...rows.children].map(numberOf)) + 1;
      const row = pattern.content.firstElementChild.cloneNode(true);
      row.innerHTML = row.innerHTML.replaceAll("-999-", `-${number}-`);
      const legend = row.querySelector("legend");
      if (legend) legend.textContent = legend.textContent.replace("1000", String(number + 1));
      rows.append(row);
      removable(row);
      row.querySelector("input:not([type=hidden])").focus();
    });
    for (const row of rows.children) removable(row);
  }

  // On a phone the Enter key means "next", not "save half a form".
  form.addEventListener("keydown", (press) => {
    if (press.key !== "Enter" || press.isComposing || press.target.tagName !== "INPUT") return;
    press.preventDefault();
    const fields = [...form.querySelectorAll("input:not([type=hidden]), select, textarea")].filter((one) => one.checkVisibility());
    fields[fields.indexOf(press.target) + 1]?.focus();
  });

  let waiting = 0, asked = 0;
  const ask = async () => {
    const turn = ++asked;
    const data = new FormData(form);
    data.delete("picture");
    const answer = await fetch(form.dataset.curve, { method: "POST", body: data }).catch(() => null);
    if (answer && answer.ok && turn === asked) curve.innerHTML = await answer.text();
  };
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 250); });
}
