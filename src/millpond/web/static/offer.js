// The form of a group order: rows are added without sending it, and the price curve follows what is typed.
"use strict";
{
  const form = document.getElementById("offer");
  const curve = document.getElementById("curve");
  for (const button of form.querySelectorAll(".no-js")) button.hidden = true;

  for (const button of form.querySelectorAll("button[name=more]")) {
    const kind = button.value;
    const pattern = document.getElementById(`${kind}-row`);
    if (!pattern) continue;
    button.type = "button";
    button.addEventListener("click", () => {
      const rows = document.getElementById(`${kind}s`);
      const number = rows.children.length;
      const holder = document.createElement("div");
      holder.innerHTML = pattern.innerHTML.replaceAll("-999-", `-${number}-`).replaceAll("1000", String(number + 1));
      rows.append(...holder.children);
      rows.lastElementChild.querySelector("input:not([type=hidden])").focus();
    });
  }

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
