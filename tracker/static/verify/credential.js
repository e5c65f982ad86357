// The verifier of docs/credential.md: pure, without a page, a network or a clock of its own.

const PREFIX = "EOC1:";
const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const LONGEST_TEXT = 4296, LONGEST_MESSAGE = 4096, LONGEST_LIST = 16 * 1024 * 1024;
const CERTIFICATE = -65537, REVOCATIONS = -65538, KEYS = -65539;
const FOR_CERTIFICATES = 0, FOR_LISTS = 1;
const REASONS = [, "revoked", "withdrawn", "replaced", "lost", "returned", "void"];
const DAY = 24 * 3600, TOLERANCE = 600; // seconds
const DEEPEST = 16; // arrays, maps and tags around an item
const UNCERTAIN = new Set(["no_keys", "keys_too_old", "no_list", "list_too_old", "clock_behind"]);

export class Unreadable extends Error {}
const refuse = (why) => { throw new Unreadable(why); };
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

// Base45, RFC 9285: three letters are two bytes, two letters one.
function base45(text) {
  if (text.length % 3 === 1) refuse("a letter is missing");
  const bytes = new Uint8Array(Math.floor(text.length / 3) * 2 + (text.length % 3 ? 1 : 0));
  for (let from = 0, to = 0; from < text.length; from += 3) {
    const values = Array.from(text.slice(from, from + 3), (letter) => LETTERS.indexOf(letter));
    if (values.includes(-1)) refuse("not a letter of base45");
    const number = values[0] + values[1] * 45 + (values[2] ?? 0) * 2025;
    if (number > (values.length === 3 ? 0xffff : 0xff)) refuse("not a number of base45");
    if (values.length === 3) bytes[to++] = number >> 8;
    bytes[to++] = number & 255;
  }
  return bytes;
}

// A zlib stream (RFC 1950) is inflated, never to more than `longest` bytes.
async function unpack(data, longest) {
  if (data[0] !== 0x78) return data.length > longest ? refuse("too long") : data;
  const parts = [];
  let length = 0;
  try {
    const reader = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > longest) { await reader.cancel(); refuse("too long"); }
      parts.push(value);
    }
  } catch (error) {
    throw error instanceof Unreadable ? error : new Unreadable("not a zlib stream");
  }
  const whole = new Uint8Array(length);
  let place = 0;
  for (const part of parts) { whole.set(part, place); place += part.length; }
  return whole;
}

// CBOR, RFC 8949, as strictly as the specification reads it: one item and nothing after it, no tag
// but 18, keys that are integers or texts and stand once. Maps become Map, the tag {tag, value}; a
// float becomes {float}, so that 1.0 is never taken for the integer 1.
export function decode(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const words = new TextDecoder("utf-8", { fatal: true });
  let place = 0;
  const take = (count) => {
    if (count > bytes.length - place) refuse("cut off");
    place += count;
    return bytes.subarray(place - count, place);
  };
  const argument = (low) => {
    if (low < 24) return low;
    if (low > 27) refuse("not a length");
    const size = 1 << (low - 24);
    take(size);
    const at = place - size;
    if (size === 8) {
      const number = view.getBigUint64(at);
      return number <= Number.MAX_SAFE_INTEGER ? Number(number) : number;
    }
    return size === 1 ? view.getUint8(at) : size === 2 ? view.getUint16(at) : view.getUint32(at);
  };
  const isEnd = () => bytes[place] === 0xff && (place += 1);
  const simple = (low) => {
    if (low < 24) return { 20: false, 21: true, 22: null, 23: undefined }[low] ?? null;
    take({ 24: 1, 25: 2, 26: 4, 27: 8 }[low] ?? refuse("not a value"));
    return low === 24 ? null : { float: low };
  };
  const string = (major, low, depth) => {
    if (low !== 31) return take(Number(argument(low)));
    const parts = [];
    while (!isEnd()) {
      const head = take(1)[0];
      if (head >> 5 !== major || (head & 31) === 31) refuse("not a part of a string");
      parts.push(...take(Number(argument(head & 31))));
    }
    return Uint8Array.from(parts);
  };
  const several = (low, depth, each) => {
    if (low === 31) while (!isEnd()) each();
    else for (let left = Number(argument(low)); left > 0; left -= 1) each();
  };
  const map = (low, depth) => {
    const found = new Map();
    several(low, depth, () => {
      const key = item(depth + 1);
      if (!["number", "bigint", "string"].includes(typeof key) || found.has(key)) refuse("not a key, or one that stands twice");
      found.set(key, item(depth + 1));
    });
    return found;
  };
  const item = (depth) => {
    if (depth > DEEPEST) refuse("too deep");
    const head = take(1)[0], major = head >> 5, low = head & 31;
    if (major === 0) return argument(low);
    if (major === 1) { const number = argument(low); return typeof number === "bigint" ? -1n - number : -1 - number; }
    if (major === 2) return string(2, low, depth).slice();
    if (major === 3) { try { return words.decode(string(3, low, depth)); } catch { return refuse("not UTF-8"); } }
    if (major === 4) { const found = []; several(low, depth, () => found.push(item(depth + 1))); return found; }
    if (major === 5) return map(low, depth);
    if (major === 6) { const tag = argument(low); return tag === 18 ? { tag, value: item(depth + 1) } : refuse("a tag that is not used here"); }
    return simple(low);
  };
  const found = item(0);
  return place === bytes.length ? found : refuse("bytes after the end");
}

function head(major, length) {
  if (length < 24) return [(major << 5) | length];
  return length < 256 ? [(major << 5) | 24, length]
    : length < 65536 ? [(major << 5) | 25, length >> 8, length & 255]
      : [(major << 5) | 26, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255];
}

// What is signed: ["Signature1", protected, h'', payload] (RFC 9052, section 4.4).
function toBeSigned(covered, payload) {
  const parts = [[0x84], head(3, 10), new TextEncoder().encode("Signature1"), head(2, covered.length), covered, head(2, 0), head(2, payload.length), payload];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) { whole.set(part, place); place += part.length; }
  return whole;
}

const isBytes = (value) => value instanceof Uint8Array;

function readSigned(message) {
  const found = decode(message);
  const parts = found?.tag === 18 ? found.value : null;
  if (!Array.isArray(parts) || parts.length !== 4) refuse("not a COSE_Sign1");
  const [covered, loose, payload, signature] = parts;
  if (!isBytes(covered) || !(loose instanceof Map) || loose.size || !isBytes(payload) || !isBytes(signature) || signature.length !== 64) refuse("not a COSE_Sign1");
  const header = decode(covered);
  if (!(header instanceof Map) || header.size !== 2 || header.get(1) !== -8) refuse("not Ed25519");
  const keyId = header.get(4);
  if (!isBytes(keyId) || keyId.length !== 8) refuse("no key id");
  return { keyId: hex(keyId), covered, payload, signature };
}

// Ed25519 by the browser; where it has none, by a script that `fallback` brings.
let fallback = null;
export const useFallback = (bring) => { fallback = bring; };
async function isSignedBy(message, raw) {
  const data = toBeSigned(message.covered, message.payload);
  try {
    const key = await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, message.signature, data);
  } catch (error) {
    if (!fallback) throw error;
    const noble = await fallback();
    return message.signature.length === 64 && noble.verifyAsync(message.signature, data, raw).catch(() => false);
  }
}

const isMoment = (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 36;
const moment = (value) => (isMoment(value) ? value : refuse("no moment"));
const words = (claims, key) => {
  const found = claims.has(key) ? claims.get(key) : "";
  return typeof found === "string" ? found : refuse("not a text");
};

function readClaims(payload) {
  const claims = decode(payload);
  const own = claims instanceof Map && claims.get(CERTIFICATE);
  if (!(own instanceof Map) || typeof claims.get(1) !== "string") refuse("not the claims of a certificate");
  const serial = own.get(0), job = own.get(2), regions = own.has(8) ? own.get(8) : [], portrait = own.has(9) ? own.get(9) : new Uint8Array();
  if (!own.has(1)) refuse("of no election");
  if (!Number.isInteger(serial) || serial < 1 || serial >= 2 ** 32) refuse("no serial");
  if (!Number.isInteger(job) || job < 1 || job > 9) refuse("an unknown function");
  if (!Array.isArray(regions) || !regions.every((code) => typeof code === "string") || (own.has(8) && !regions.length)) refuse("not regions");
  if (!isBytes(portrait) || (own.has(9) && portrait.length !== 16)) refuse("no hash of a portrait");
  return {
    issuer: claims.get(1), serial, election: words(own, 1), function: job,
    surname: words(own, 3), given_names: words(own, 4), native_name: words(own, 5),
    citizenship: words(own, 6), organization: words(own, 7), regions, portrait: hex(portrait),
    valid_from: moment(claims.get(5)), valid_until: moment(claims.get(4)), issued_at: moment(claims.get(6)),
  };
}

async function openList(data, kind) {
  const message = readSigned(await unpack(data, LONGEST_LIST));
  const claims = decode(message.payload);
  if (!(claims instanceof Map) || typeof claims.get(1) !== "string" || !claims.has(kind)) refuse("not such a list");
  return { message, issuedAt: moment(claims.get(6)), body: claims.get(kind) };
}

async function keyId(raw) {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", raw)).subarray(0, 8));
}

// The key list: {issuedAt, keys: {id: {raw, purpose, lostAt}}}; `trusted`: ids of keys for lists.
export async function openKeys(data, trusted = null) {
  const { message, issuedAt, body } = await openList(data, KEYS);
  if (!Array.isArray(body)) refuse("not a list of keys");
  const keys = {};
  for (const entry of body) {
    const raw = entry instanceof Map ? entry.get(0) : null, purpose = entry instanceof Map ? entry.get(1) : null;
    if (!isBytes(raw) || raw.length !== 32 || ![FOR_CERTIFICATES, FOR_LISTS].includes(purpose)) refuse("not a key");
    moment(entry.get(2));
    const id = await keyId(raw);
    if (id in keys) refuse("a key stands twice");
    keys[id] = { raw, purpose, lostAt: entry.has(3) ? moment(entry.get(3)) : null };
  }
  if (trusted && !trusted.includes(message.keyId)) refuse("not signed by a key that is trusted");
  await requireListKey(message, keys);
  return { issuedAt, keys };
}

async function requireListKey(message, keys) {
  const signer = keys[message.keyId];
  if (!signer || signer.purpose !== FOR_LISTS || signer.lostAt !== null) refuse("not signed by a key for lists");
  if (!(await isSignedBy(message, signer.raw))) refuse("the signature does not hold");
}

function serialsOf(data, reason, into) {
  let last = 0, gap = 0, factor = 1;
  for (const byte of data) {
    gap += (byte & 127) * factor;
    if (byte > 127) { factor *= 128; if (factor > 2 ** 28) refuse("a gap too wide"); continue; }
    if (!gap) refuse("serials do not ascend");
    last += gap;
    into.set(last, reason);
    gap = 0; factor = 1;
  }
  if (factor > 1) refuse("cut off");
}

// A revocation list: {issuedAt, election, count, since, serials: Map of serial to reason}.
export async function openRevocations(data, keyList) {
  const { message, issuedAt, body } = await openList(data, REVOCATIONS);
  await requireListKey(message, keyList.keys);
  const groups = body instanceof Map ? body.get(3) : null;
  if (!(groups instanceof Map) || typeof body.get(0) !== "string" || !Number.isInteger(body.get(1)) || body.get(1) < 0) refuse("not a revocation list");
  const serials = new Map();
  for (const [code, group] of groups) {
    if (!isBytes(group) || !(code >= 0) || typeof code === "string") refuse("not serials");
    serialsOf(group, REASONS[code] ?? "void", serials);
  }
  return { issuedAt, election: body.get(0), count: body.get(1), since: body.has(2) ? moment(body.get(2)) : null, serials };
}

// The list held, brought up to date; null where something is missing and the whole is to be loaded.
export function join(held, delta) {
  if (held.election !== delta.election) return null;
  if (delta.since === null) return delta;
  const serials = new Map([...held.serials, ...delta.serials]);
  if (serials.size !== delta.count) return null;
  return { ...delta, since: null, serials };
}

// {verdict, reason, claims, listAt}; `now` in seconds; the order of the checks is specified.
export async function verify(text, { keys, list, now, election = null }) {
  const answer = (reason, claims = null) => ({
    verdict: reason === null ? "valid" : UNCERTAIN.has(reason) ? "cannot_tell" : "not_valid",
    reason, claims, listAt: claims && list ? list.issuedAt : null,
  });
  let message, claims;
  try {
    const said = text.length > LONGEST_TEXT + 100 ? refuse("too long") : text.replace(/^[\r\n\t]+|[\r\n\t]+$/g, "");
    if (!said.startsWith(PREFIX) || said.length > LONGEST_TEXT) refuse("not the text of a certificate");
    message = readSigned(await unpack(base45(said.slice(PREFIX.length)), LONGEST_MESSAGE));
    claims = readClaims(message.payload);
  } catch (error) {
    if (error instanceof Unreadable || error instanceof RangeError) return answer("not_a_certificate");
    throw error;
  }
  if (!keys) return answer("no_keys");
  const signer = keys.keys[message.keyId];
  if (!signer || signer.purpose !== FOR_CERTIFICATES) return answer(!signer && now - keys.issuedAt > DAY ? "keys_too_old" : "unknown_key");
  if (!(await isSignedBy(message, signer.raw))) return answer("altered");
  if (signer.lostAt !== null) return answer("key_lost", claims);
  if (election !== null && claims.election !== election) return answer("other_election", claims);
  if (now < claims.valid_from) return answer("not_yet_valid", claims);
  if (now >= claims.valid_until) return answer("expired", claims);
  const own = list?.election === claims.election && list.since === null ? list : null; // a delta says nothing of the rest
  const ended = own?.serials.get(claims.serial);
  if (ended) return answer(ended, claims);
  if (!own) return answer("no_list", claims);
  if (own.issuedAt - now > TOLERANCE) return answer("clock_behind", claims);
  return answer(now - own.issuedAt > DAY ? "list_too_old" : null, claims);
}
