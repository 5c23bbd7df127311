// Keeps the check-off page, its styles and its scripts on the phone, so that it opens without a network.
// The line is asked first; only where there is none does the kept copy answer. Signing out clears it.
"use strict";
const KEPT = "check-off";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const page = event.request.mode === "navigate" && /\/desk\/\d+\/check-off$/.test(url.pathname);
  if (event.request.method !== "GET" || url.origin !== location.origin || !(page || url.pathname.startsWith("/static/"))) return;
  event.respondWith((async () => {
    const cache = await caches.open(KEPT);
    const name = page ? url.pathname : event.request;
    try {
      const answer = await fetch(event.request);
      if (answer.ok && !answer.redirected) await cache.put(name, answer.clone());
      else if (page && answer.status < 500 && answer.status !== 429) await cache.delete(name);  // signed out, or has left
      return answer;
    } catch (error) {
      const kept = await cache.match(name);
      if (kept) return kept;
      throw error;
    }
  })());
});
