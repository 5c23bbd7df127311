// Answers with the check-off page, its styles and its scripts as they are kept on the phone, so that it opens without a
// network. The line is asked first; where there is none, or it is slow, the kept copy answers. The page itself decides
// what is kept; signing out clears it.
"use strict";
const KEPT = "check-off";
const PATIENCE_MS = 4000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate" && /\/desk\/\d+\/check-off$/.test(url.pathname)) event.respondWith(pageAt(url.pathname, event));
  else if (url.pathname.startsWith("/static/")) event.respondWith(part(event.request));
});

async function part(request) {  // its address has its hash in it: what is kept is what it is
  const cache = await caches.open(KEPT);
  return (await cache.match(request)) ?? fetch(request);
}

async function pageAt(path, event) {
  const cache = await caches.open(KEPT), kept = await cache.match(path);
  const asked = fetch(event.request).then(async (answer) => {
    if (answer.ok && !answer.redirected) await cache.put(path, answer.clone());
    else if (answer.status < 500 && answer.status !== 429) await cache.delete(path);  // signed out, or has left
    return answer;
  });
  if (!kept) return asked;
  event.waitUntil(asked.catch(() => {}));
  return Promise.race([asked.catch(() => kept), new Promise((give) => setTimeout(give, PATIENCE_MS, kept))]);
}
