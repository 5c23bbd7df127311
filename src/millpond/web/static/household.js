/* The order form of a household: steppers, what it comes to, a draft that outlives a lost line, sent once.
   Plain ES2019 without any library; where something is missing, the form works by itself. */
(function () {
  "use strict";
  const form = document.getElementById("order");
  const unsent = document.getElementById("unsent");
  if (!(form || unsent) || !window.fetch || !window.URLSearchParams || !window.FormData) return;
  const place = form || unsent;
  const address = place.dataset.post;
  const key = "draft of " + address;
  const KEPT_MS = 14 * 24 * 3600 * 1000; // a forgotten draft has a name and a phone in it
  const PATIENCE_MS = 20000;

  /* ---- the draft: { state: "typing" | "waiting", at, fields: [[name, value], ...] } */
  function keep(draft) {
    try { localStorage.setItem(key, JSON.stringify(draft)); } catch (error) { /* private window: nothing is kept */ }
  }
  function forget() {
    try { localStorage.removeItem(key); } catch (error) { /* nothing was kept */ }
  }
  function kept() {
    try {
      const draft = JSON.parse(localStorage.getItem(key));
      if (draft && Array.isArray(draft.fields) && Date.now() - draft.at < KEPT_MS) return draft;
    } catch (error) { /* none, or none of ours */ }
    forget();
    return null;
  }
  function fields() {
    return Array.from(new FormData(form)).filter(function (pair) { return typeof pair[1] === "string"; });
  }

  /* ---- sending: the token in the fields makes it one order, however often it is sent */
  const state = document.getElementById("sending");
  let waits = 0, timer = 0, busy = false, stopped = true;

  function say(what) {
    if (!state) return;
    state.hidden = !what;
    state.querySelector("p").textContent = what ? state.dataset[what] : "";
    const stop = state.querySelector("button");
    if (stop) stop.hidden = what !== "waiting";
  }
  function lock(on) {
    if (!form) return;
    form.querySelectorAll("fieldset.lockable, button[type=submit]").forEach(function (one) { one.disabled = on; });
  }
  function later() {
    waits += 1;
    clearTimeout(timer);
    timer = setTimeout(send, Math.min(60000, 1000 * Math.pow(2, waits)));
  }
  function refused() { // an answer that is no order: the form goes the plain way, and the page says what is wrong
    const draft = kept();
    stopped = true;
    if (!form) { forget(); say("refused"); return; }
    lock(false);
    if (draft) { draft.state = "typing"; keep(draft); }
    form.submit();
  }
  function send() {
    const draft = kept();
    if (busy || stopped || !draft) return;
    busy = true;
    clearTimeout(timer);
    say("now");
    const patience = window.AbortController ? new AbortController() : null;
    const watch = setTimeout(function () { if (patience) patience.abort(); }, PATIENCE_MS);
    fetch(address, {
      method: "POST", body: new URLSearchParams(draft.fields).toString(), credentials: "same-origin",
      headers: { "accept": "application/json", "content-type": "application/x-www-form-urlencoded" },
      signal: patience ? patience.signal : undefined,
    }).then(function (answer) {
      clearTimeout(watch);
      busy = false;
      if (answer.ok) return answer.json().then(function (found) { forget(); location.replace(found.go); });
      if (answer.status === 429 || answer.status === 408 || answer.status >= 500) { say("waiting"); return later(); }
      return refused();
    }).catch(function () {
      clearTimeout(watch);
      busy = false;
      say("waiting");
      later();
    });
  }
  function start() { stopped = false; waits = 0; lock(true); send(); }
  function again() { waits = 0; send(); }
  window.addEventListener("online", again);
  document.addEventListener("visibilitychange", function () { if (!document.hidden) again(); });
  window.addEventListener("pageshow", function (event) { if (event.persisted) location.reload(); });

  if (!form && unsent.hasAttribute("data-sent")) { forget(); return; } // the page of the order itself
  if (!form) { // the close came before the line did: perhaps the order was in, and only the answer was lost
    const draft = kept();
    if (draft && draft.state === "waiting") { unsent.hidden = false; start(); } else forget();
    return;
  }

  /* ---- more lines of one item: another size, another name */
  function addLine(item) {
    const lines = form.querySelectorAll("[data-line='" + item + "']");
    const last = lines[lines.length - 1];
    const number = lines.length + 1;
    if (number > Number(form.dataset.most)) return null;
    const made = last.cloneNode(true);
    made.querySelectorAll("[id], [name], [for], [aria-describedby]").forEach(function (one) {
      ["id", "name", "for", "aria-describedby"].forEach(function (attribute) {
        const was = one.getAttribute(attribute);
        if (was) one.setAttribute(attribute, was.replace(/^((?:wrong-)?[qo]-\d+)-\d+/, "$1-" + number));
      });
    });
    made.querySelectorAll("input").forEach(function (input) {
      if (input.type === "radio") input.checked = false; else input.value = "";
      input.removeAttribute("aria-invalid");
    });
    made.querySelectorAll(".wrong").forEach(function (one) { one.remove(); });
    made.querySelectorAll("[data-number]").forEach(function (one) {
      one.textContent = " " + number + ".";
      one.hidden = false;
    });
    last.after(made);
    return made;
  }

  function restore(draft) {
    draft.fields.forEach(function (pair) {
      const line = /^[qo]-(\d+)-(\d+)/.exec(pair[0]);
      if (line) while (form.querySelectorAll("[data-line='" + line[1] + "']").length < Number(line[2]) && addLine(line[1]));
      const inputs = form.elements[pair[0]];
      if (!inputs) return;
      (inputs.tagName ? [inputs] : Array.from(inputs)).forEach(function (input) {
        if (input.type === "radio" || input.type === "checkbox") input.checked = input.value === pair[1];
        else input.value = pair[1];
      });
    });
    form.querySelectorAll("details").forEach(function (one) { // what was typed is seen
      if (Array.from(one.querySelectorAll("input:not([type=radio])")).some(function (input) {
        return input.value !== input.defaultValue;
      })) one.open = true;
    });
  }

  /* ---- what it comes to */
  const places = Number(form.dataset.places);
  function money(minor) {
    const text = (minor / Math.pow(10, places)).toFixed(places).split(".");
    text[0] = text[0].replace(/\B(?=(\d{3})+$)/g, ",");
    return form.dataset.symbol + text.join(".");
  }
  function plain(text) { // full-width digits, as Chinese keyboards type them
    return text.replace(/[\uff0e-\uff19]/g, function (one) { return String.fromCharCode(one.charCodeAt(0) - 0xfee0); })
      .replace(/[,\uff0c\s]/g, "");
  }
  function amount(name) {
    const input = form.elements[name];
    const text = input ? plain(input.value) : "";
    return /^\d{1,12}(\.\d*)?$/.test(text) ? Math.round(Number(text) * Math.pow(10, places)) : NaN;
  }
  function count(name) {
    const input = form.elements[name];
    const text = input ? plain(input.value) : "";
    return /^\d{1,6}$/.test(text) ? Number(text) : 0;
  }
  function reckon() {
    let units = 0, now = 0, most = 0;
    form.querySelectorAll("[data-item]").forEach(function (item) {
      const id = item.dataset.item;
      let here = 0;
      item.querySelectorAll("[data-line]").forEach(function (line, index) { here += count("q-" + id + "-" + (index + 1)); });
      const own = amount("l-" + id);
      units += here;
      now += here * Number(item.dataset.price);
      most += here ? (here + count("m-" + id)) * (isNaN(own) ? Number(item.dataset.limit) : own) : 0;
    });
    const fee = units ? Number(form.dataset.feeOrder) + units * Number(form.dataset.feeUnit) : 0;
    const total = document.getElementById("total");
    total.hidden = !units;
    total.querySelector("[data-now]").textContent = money(now + fee);
    total.querySelector("[data-most]").textContent = money(most + fee);
  }

  form.querySelectorAll("[data-step]").forEach(function (button) { button.hidden = false; });
  form.addEventListener("click", function (event) {
    const button = event.target.closest ? event.target.closest("button") : null;
    if (!button) return;
    if (button.dataset.step) {
      const input = button.parentNode.querySelector("input");
      const value = (Number(plain(input.value)) || 0) + Number(button.dataset.step);
      input.value = Math.max(0, Math.min(Number(input.max), value));
      changed();
    } else if (button.name === "add") {
      event.preventDefault();
      const line = addLine(button.value);
      if (line) { line.querySelector("input").focus(); changed(); }
    }
  });

  let soon = 0;
  function save() {
    clearTimeout(soon);
    if (soon && stopped) keep({ state: "typing", at: Date.now(), fields: fields() });
    soon = 0;
  }
  function changed() {
    reckon();
    clearTimeout(soon);
    soon = setTimeout(save, 150);
  }
  window.addEventListener("pagehide", save);
  form.addEventListener("input", changed);
  form.addEventListener("submit", function (event) {
    if (event.submitter && event.submitter.name) return; // another line, without the order
    event.preventDefault();
    clearTimeout(soon);
    soon = 0;
    keep({ state: "waiting", at: Date.now(), fields: fields() });
    if (!kept()) { form.submit(); return; } // nothing can be kept here: the plain way
    start();
  });
  const stop = state && state.querySelector("button");
  if (stop) stop.addEventListener("click", function () {
    stopped = true;
    clearTimeout(timer);
    lock(false);
    say("");
    keep({ state: "typing", at: Date.now(), fields: fields() });
  });

  const draft = form.hasAttribute("data-shown") ? null : kept();
  if (draft) {
    restore(draft);
    const around = form.parentNode.closest("details");
    if (around) around.open = true;
    if (draft.state === "waiting") start(); else say("kept");
  }
  reckon();
})();
