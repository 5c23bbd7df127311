// Check-off that works without a network: the list is kept on this phone, what is handed out is noted here first and
// sent when there is a line. The node merges what several phones noted; who was handed out twice is shown.
"use strict";
{
  const page = document.getElementById("check-off");
  const key = `check-off ${page.dataset.round}`;
  const words = JSON.parse(document.getElementById("check-off-words").textContent);
  const list = document.getElementById("orders");
  const search = document.getElementById("search");
  const line = document.getElementById("line");
  const kept = (() => { try { return JSON.parse(localStorage.getItem(key)) ?? {}; } catch { return {}; } })();
  const device = (kept.device ??= crypto.randomUUID ? crypto.randomUUID().slice(0, 8) : String(Math.random()).slice(2, 10));
  let orders = JSON.parse(document.getElementById("check-off-data").textContent);
  if (kept.orders && kept.heard > Number(page.dataset.heard)) orders = kept.orders;
  let waiting = kept.waiting ?? [];  // events that the node has not heard yet

  const keep = () => localStorage.setItem(key, JSON.stringify({ device, orders, waiting, heard: Date.now() }));
  const leave = () => {  // no longer signed in: names and phones go from this phone, what was noted stays until it is sent
    localStorage.setItem(key, JSON.stringify({ device, waiting }));
    if ("caches" in window) caches.open("check-off").then((cache) => cache.delete(location.pathname)).catch(() => {});
  };
  const event = (order, undoes) => ({
    event_id: [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join(""),
    order, want: null, quantity: 0, device, at_ms: Date.now(), undoes: undoes ?? null,
  });

  const mine = (order) => {  // what this phone noted and has not sent
    const own = waiting.filter((one) => one.order === order.id);
    const undone = new Set(own.map((one) => one.undoes).filter(Boolean));
    const done = own.find((one) => !one.undoes && !undone.has(one.event_id));
    return { done, undone };
  };
  const state = (order) => {
    const { done, undone } = mine(order);
    if (done) return { done: true, event: done.event_id, waits: true };
    if (order.event && undone.has(order.event)) return { done: false, waits: true };
    return { done: order.done, event: order.event, waits: false };
  };

  const show = () => {
    const text = search.value.trim().toLowerCase();
    let open = 0;
    for (const row of list.children) {
      const order = orders.find((one) => one.id === row.dataset.order);
      if (!order) { row.hidden = true; continue; }
      const now = state(order);
      open += now.done ? 0 : 1;
      row.hidden = Boolean(text) && !order.find.toLowerCase().includes(text);
      row.classList.toggle("handed", now.done);
      const button = row.querySelector("button[data-do]");
      button.textContent = now.done ? words.undo : words.hand_out;
      button.className = now.done ? "plain" : "";
      row.querySelector("[data-state]").textContent = (now.done ? words.handed : "") + (now.waits ? ` · ${words.waits}` : "") + (order.twice ? ` · ${words.twice}` : "");
    }
    document.getElementById("open-count").textContent = String(open);
    line.textContent = waiting.length ? words.unsent.replace("{n}", String(waiting.length)) : navigator.onLine ? words.all_sent : words.offline;
  };

  let sending = false;
  const send = async () => {
    if (sending) return;
    sending = true;
    const batch = waiting.slice(0, 200);
    try {
      const answer = await fetch(page.dataset.events, {
        method: "POST", body: JSON.stringify({ events: batch }),
        headers: { "content-type": "application/json", "x-form-token": page.dataset.token },
      });
      if (answer.status === 401 || answer.status === 403) { leave(); line.textContent = words.sign_in; }
      if (answer.ok) {
        const heard = new Set(batch.map((one) => one.event_id));
        waiting = waiting.filter((one) => !heard.has(one.event_id));  // only now: the node has them durably
        orders = (await answer.json()).orders;
        keep(); show();
      }
    } catch { /* no line: it is tried again */ }
    sending = false;
  };

  list.addEventListener("click", (click) => {
    const button = click.target.closest("button[data-do]");
    if (!button) return;
    click.preventDefault();
    const order = orders.find((one) => one.id === button.closest("[data-order]").dataset.order);
    const now = state(order);
    if (now.done && now.waits) waiting = waiting.filter((one) => one.event_id !== now.event);
    else waiting.push(event(order.id, now.done ? now.event : undefined));
    keep(); show(); send();
    search.value = ""; show();
  });
  search.addEventListener("input", show);
  search.form.addEventListener("submit", (submit) => {
    submit.preventDefault();
    const found = [...list.children].filter((row) => !row.hidden);
    if (found.length === 1) found[0].querySelector("button[data-do]").focus();
  });
  addEventListener("online", send);
  addEventListener("offline", show);
  setInterval(() => { if (waiting.length || document.visibilityState === "visible") send(); }, 15000);

  const scan = document.getElementById("scan");
  if ("BarcodeDetector" in window && navigator.mediaDevices) {
    scan.hidden = false;
    scan.addEventListener("click", async () => {
      const video = document.getElementById("camera");
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).catch(() => null);
      if (!stream) return;
      const detector = new BarcodeDetector({ formats: ["qr_code"] });
      video.hidden = false; video.srcObject = stream; await video.play();
      const look = async () => {
        const [found] = await detector.detect(video).catch(() => []);
        if (!found) { if (!video.hidden) requestAnimationFrame(look); return; }
        for (const track of stream.getTracks()) track.stop();
        video.hidden = true;
        search.value = /code=([^&#]+)/.exec(found.rawValue)?.[1] ?? found.rawValue;
        show();
      };
      look();
    });
  }

  if ("serviceWorker" in navigator) {
    const parts = [...document.querySelectorAll("link[rel=stylesheet], script[src]")].map((part) => part.href || part.src);
    navigator.serviceWorker.register(page.dataset.worker, { scope: page.dataset.scope })
      .then(() => caches.open("check-off")).then((cache) => cache.addAll([location.pathname, ...parts])).catch(() => {});
  }
  keep(); show(); send();
}
