// Check-off that works without a network: the page is kept on this phone, what is handed out is noted here first and
// sent when there is a line. The node merges what several phones noted; who was handed out twice is shown to all.
// What is kept beside the page are events and states by numbers: no name and no phone.
"use strict";
{
  const page = document.getElementById("check-off");
  const key = `check-off ${page.dataset.round}`;
  const at = (id) => document.getElementById(id);
  const words = JSON.parse(at("check-off-words").textContent);
  const orders = new Map(JSON.parse(at("check-off-data").textContent).map((one) => [one.id, one]));
  const rows = [...document.querySelectorAll("[data-order]")];
  const place = new Map(rows.map((row) => [row, Number(orders.get(row.dataset.order).number)]));
  const search = at("search"), line = at("line"), last = at("last");
  for (const button of page.querySelectorAll(".no-js")) button.hidden = true;
  search.value = new URLSearchParams(location.search).get("code") ?? "";

  const kept = (() => { try { return JSON.parse(localStorage.getItem(key)) ?? {}; } catch { return {}; } })();
  const random = (bytes) => [...crypto.getRandomValues(new Uint8Array(bytes))].map((b) => b.toString(16).padStart(2, "0")).join("");
  const device = (kept.device ??= random(4));
  let heard = Number(page.dataset.heard);  // by the node's clock
  let waiting = kept.waiting ?? [];  // events that the node has not heard yet
  const learn = (states) => { for (const one of states) if (orders.has(one.id)) Object.assign(orders.get(one.id), one); };
  if (kept.heard > heard) { learn(kept.states); heard = kept.heard; }

  const keep = () => {
    const states = [...orders.values()].map(({ id, done, event, twice }) => ({ id, done, event, twice }));
    localStorage.setItem(key, JSON.stringify({ device, states, waiting, heard }));
  };
  const leave = () => {  // no longer signed in: the page goes from this phone, what was noted stays until it is sent
    localStorage.setItem(key, JSON.stringify({ device, waiting }));
    if ("caches" in window) caches.open("check-off").then((cache) => cache.delete(location.pathname)).catch(() => {});
  };
  const event = (order, undoes) => ({
    event_id: random(16), order, want: null, quantity: 0, device, at_ms: Date.now(), undoes: undoes ?? null,
  });

  const state = (order) => {  // what the node said, and over it what this phone noted and has not sent
    const own = waiting.filter((one) => one.order === order.id);
    const undone = new Set(own.map((one) => one.undoes).filter(Boolean));
    const noted = own.find((one) => !one.undoes && !undone.has(one.event_id));
    if (noted) return { done: true, event: noted.event_id, waits: true };
    if (order.event && undone.has(order.event)) return { done: false, waits: true };
    return { done: order.done, event: order.event, waits: false };
  };
  const isMeant = (order, text) => /^[0-9]+$/.test(text)
    ? order.number === text || (text.length >= 3 && order.phone.endsWith(text))
    : order.code.includes(text.toUpperCase()) || order.name.toLowerCase().includes(text.toLowerCase());

  const put = (row, list) => {  // in the order of the page
    if (row.parentElement === list) return;
    const before = [...list.querySelectorAll("[data-order]")].find((one) => rows.indexOf(one) > rows.indexOf(row));
    list.insertBefore(row, before ?? null);
  };
  const show = () => {
    const text = search.value.trim();
    let open = 0, found = 0, foundOpen = 0;
    for (const row of rows) {
      const order = orders.get(row.dataset.order), now = state(order);
      open += now.done ? 0 : 1;
      row.hidden = Boolean(text) && !isMeant(order, text);
      found += row.hidden ? 0 : 1;
      foundOpen += row.hidden || now.done ? 0 : 1;
      row.classList.toggle("handed", now.done);
      put(row, at(now.done ? "handed" : "orders"));
      const button = row.querySelector("[data-do]");
      button.textContent = now.done ? words.undo : words.hand_out;
      button.className = now.done ? "plain" : "";
      row.querySelector("[data-state]").textContent = [now.done && words.handed, now.waits && words.waits, order.twice && words.twice].filter(Boolean).join(" · ");
    }
    at("open-count").textContent = String(open);
    at("done-count").textContent = String(rows.length - open);
    at("nobody").hidden = found > 0 || !text;
    const notice = at("orders").querySelector(".notice");
    if (notice) notice.hidden = open > 0;
    if (text) at("done").open = found > 0 && foundOpen === 0;
    line.textContent = waiting.length ? words.unsent.replace("{n}", String(waiting.length)) : navigator.onLine ? words.all_sent : words.offline;
  };
  const warn = (lines) => {
    at("troubles").hidden = lines.length === 0;
    at("troubles").querySelector("ul").replaceChildren(...lines.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  };

  let sending = false;
  const send = async () => {
    if (sending) return;
    sending = true;
    const batch = waiting.slice(0, 200);
    let more = false;
    try {
      const answer = await fetch(page.dataset.events, {
        method: "POST", body: JSON.stringify({ events: batch }), signal: AbortSignal.timeout?.(15000),
        headers: { "content-type": "application/json", "x-form-token": page.dataset.token },
      });
      if (answer.status === 401 || answer.status === 403) { leave(); line.textContent = words.sign_in; }
      else if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) line.textContent = words.refused;
      if (answer.ok) {
        const told = await answer.json(), sent = new Set(batch.map((one) => one.event_id));
        waiting = waiting.filter((one) => !sent.has(one.event_id));  // only now: the node has them durably
        heard = told.heard;
        learn(told.orders); keep(); warn(told.troubles); show();
        more = waiting.length > 0;
      }
    } catch { /* no line: it is tried again */ }
    sending = false;
    if (more) send();
  };

  const toggle = (order) => {
    const now = state(order);
    if (now.done && now.waits) waiting = waiting.filter((one) => one.event_id !== now.event);
    else waiting.push(event(order.id, now.done ? now.event : undefined));
    last.dataset.of = order.id;
    last.firstElementChild.textContent = `${order.number} ${order.name}: ${words.handed}`;
    last.hidden = now.done;
    keep();
    const searched = search.value !== "";
    search.value = "";
    show(); send();
    if (searched) search.focus();  // the next one is searched, too
  };
  document.addEventListener("click", (click) => {
    const button = click.target.closest("[data-do], #last button");
    if (!button) return;
    click.preventDefault();
    toggle(orders.get(button.closest("[data-order]")?.dataset.order ?? last.dataset.of));
  });
  search.addEventListener("input", show);
  search.form.addEventListener("submit", (submit) => {
    submit.preventDefault();
    const found = rows.filter((row) => !row.hidden);
    if (found.length === 1) found[0].querySelector("[data-do]").focus();
  });
  document.querySelector("form[action$='/sign-out']")?.addEventListener("submit", (submit) => {
    if (waiting.length && !confirm(words.lost.replace("{n}", String(waiting.length)))) submit.preventDefault();
  });
  addEventListener("online", send);
  addEventListener("offline", show);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") send(); });
  setInterval(() => { if (waiting.length || document.visibilityState === "visible") send(); }, 15000);

  const scan = at("scan"), camera = at("camera");
  if ("BarcodeDetector" in window && navigator.mediaDevices) {
    const stop = () => {
      for (const track of camera.srcObject?.getTracks() ?? []) track.stop();
      camera.srcObject = null;
      camera.hidden = true;
    };
    scan.hidden = false;
    scan.addEventListener("click", async () => {
      if (!camera.hidden) { stop(); return; }
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).catch(() => null);
      if (!stream) return;
      const detector = new BarcodeDetector({ formats: ["qr_code"] });
      camera.hidden = false; camera.srcObject = stream; await camera.play();
      const look = async () => {
        if (camera.hidden) return;
        const [found] = await detector.detect(camera).catch(() => []);
        if (!found) { requestAnimationFrame(look); return; }
        stop();
        search.value = /[?&]code=([^&#]+)/.exec(found.rawValue)?.[1] ?? found.rawValue;
        show();
      };
      look();
    });
  }

  if ("serviceWorker" in navigator) {
    const parts = [...document.querySelectorAll("link[rel=stylesheet], script[src]")].map((part) => part.href || part.src);
    navigator.serviceWorker.register(page.dataset.worker, { scope: page.dataset.scope })
      .then(() => caches.open("check-off"))
      .then(async (cache) => {
        await cache.addAll([location.pathname, ...parts]);
        for (const old of await cache.keys()) if (old.url.includes("/static/") && !parts.includes(old.url)) await cache.delete(old);
      }).catch(() => {});
  }
  keep(); show(); send();
}
