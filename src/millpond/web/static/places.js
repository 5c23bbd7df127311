// Suggests places while one is typed; without it the form asks when it is sent.
"use strict";
{
  const field = document.querySelector("[data-search]");
  const list = document.getElementById("places");
  const code = document.querySelector("[name=place_code]");
  const codes = new Map();
  let last = "", waiting = 0;
  const ask = async () => {
    const text = field.value.trim();
    code.value = codes.get(text) ?? "";
    if (text === last || text.length < 1 || code.value) return;
    last = text;
    const answer = await fetch(`${field.dataset.search}?q=${encodeURIComponent(text)}`).catch(() => null);
    if (!answer || !answer.ok || field.value.trim() !== text) return;
    list.replaceChildren(...(await answer.json()).map((place) => {
      codes.set(place.label, place.code);
      const option = document.createElement("option");
      option.value = place.label;
      return option;
    }));
  };
  field.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 150); });
  field.addEventListener("change", ask);
}
