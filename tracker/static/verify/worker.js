// Keeps the page for checking certificates on this device, whole, for when there is no network.
// `VERSION`, `PAGES` and `FILES` stand before this text: a cache holds one version and no other.

self.addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(VERSION);
    await cache.addAll([...PAGES, ...FILES].map((address) => new Request(address, { cache: "reload", credentials: "omit" })));
    await self.skipWaiting();
  };
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    for (const name of await caches.keys()) if (name.startsWith("verify-") && name !== VERSION) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

// A page comes from the network where there is one; what is kept is whole, page and files together.
async function page(request) {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(5000) });
  } catch (error) {
    const address = new URL(request.url);
    const cache = await caches.open(VERSION);
    const kept = (await cache.match(address.pathname + address.search)) ?? (await cache.match(address.pathname + FALLBACK)) ?? (await cache.match(PAGES[0]));
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (FILES.includes(new URL(request.url).pathname + new URL(request.url).search)) {
    event.respondWith(caches.open(VERSION).then(async (cache) => (await cache.match(request)) ?? fetch(request)));
  }
});
