// The signed lists on this device: loaded when there is a network, kept for when there is none.

const NAME = "verify", STORE = "lists";

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function within(mode, act) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

export const kept = (name) => within("readonly", (store) => store.get(name));
export const keep = (name, value) => within("readwrite", (store) => store.put(value, name));

async function load(address) {
  const answer = await fetch(address, { cache: "no-store", credentials: "omit" });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

// Load what is new; the pair {keys, list} that this device holds from now on.
export async function refresh(credential, addresses, election) {
  // Over HTTPS from the origin that this page itself came from: nothing else vouches for more.
  const keys = await credential.openKeys(await load(addresses.keys));
  const held = await kept(`list-${election}`);
  let list = null;
  if (held) {
    const delta = await credential.openRevocations(await load(`${addresses.revocations}?since=${held.issuedAt}`), keys);
    list = credential.join(held, delta);
  }
  list ??= await credential.openRevocations(await load(addresses.revocations), keys);
  if (list.since !== null || list.election !== election) throw new Error("not the whole list");
  if (held && held.issuedAt > list.issuedAt) list = held; // an older one takes nothing back
  await keep("keys", keys);
  await keep(`list-${election}`, list);
  return { keys, list };
}
