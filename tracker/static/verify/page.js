// The page that checks certificates: camera, picture or text in; one unmistakable result out.

const root = document.querySelector("[data-verify]");
const setup = JSON.parse(root.dataset.verify);
const [credential, lists] = await Promise.all([import(setup.scripts.credential), import(setup.scripts.lists)]);
credential.useFallback(() => import(setup.scripts.noble));

const $ = (name) => root.querySelector(`[data-part=${name}]`);
const now = () => Math.floor(Date.now() / 1000) + setup.offset;
let held = { keys: null, list: null };
let stream = null;

// ---- the lists and their age, always shown ----
function age(moment) {
  const { now: justNow, minutes, hours, days } = setup.words.ages;
  const passed = Math.max(0, Math.round((now() - moment) / 60));
  if (passed < 1) return justNow;
  if (passed < 60) return minutes.replace("{count}", passed);
  return passed < 48 * 60 ? hours.replace("{count}", Math.round(passed / 60)) : days.replace("{count}", Math.round(passed / 1440));
}

// Browsers do not know every language of ours, and would take another: words come with the page.
function dayOf(moment) {
  const form = new Intl.DateTimeFormat("en", { year: "numeric", month: "numeric", day: "numeric", timeZone: setup.time_zone });
  const part = Object.fromEntries(form.formatToParts(moment).map(({ type, value }) => [type, value]));
  return setup.words.days[part.month - 1].replace("{day}", part.day).replace("{year}", part.year);
}

function showAge() {
  const isOld = !held.list || now() - held.list.issuedAt > 24 * 3600;
  for (const place of root.querySelectorAll("[data-part=age]")) {
    place.textContent = held.list ? setup.words.age.replace("{age}", age(held.list.issuedAt)) : setup.words.no_list;
    place.classList.toggle("warn", isOld);
  }
}

async function refresh() {
  $("refresh").disabled = true;
  try {
    held = await lists.refresh(credential, setup.addresses, setup.election);
    $("network").textContent = "";
  } catch (error) {
    $("network").textContent = navigator.onLine ? setup.words.not_loaded : setup.words.offline;
  }
  $("refresh").disabled = false;
  showAge();
  if (last) await show(last); // what is on the screen is judged by the newest list
  await sendLog();
}

// ---- the result ----
let last = null;
async function show(text) {
  last = text;
  const found = await credential.verify(text, { keys: held.keys, list: held.list, now: now(), election: setup.election });
  const card = $("result");
  card.className = `verdict ${found.verdict}`;
  $("verdict").textContent = setup.words.verdicts[found.verdict];
  $("reason").textContent = found.reason ? setup.words.reasons[found.reason] : "";
  $("holder").hidden = !found.claims;
  if (found.claims) await showHolder(found.claims);
  $("ask").hidden = true;
  card.hidden = false;
  showAge();
  card.focus();
  return found;
}

async function showHolder(claims) {
  const places = claims.regions.map((code) => setup.regions[code] ?? code);
  const said = {
    name: [claims.surname, claims.given_names].filter(Boolean).join(" "),
    native: claims.native_name,
    function: setup.functions[claims.function],
    organization: claims.organization,
    citizenship: setup.countries[claims.citizenship] ?? claims.citizenship,
    until: dayOf(new Date(claims.valid_until * 1000 - 1)),
    regions: places.join(", ") || setup.words.everywhere,
    serial: String(claims.serial).padStart(6, "0"),
    reference: claims.portrait.slice(0, 8),
  };
  for (const [name, text] of Object.entries(said)) {
    $(`holder-${name}`).textContent = text;
    const line = $(`line-${name}`);
    if (line) line.hidden = !text;
  }
  await showPortrait(claims.portrait);
}

async function showPortrait(reference) {
  const picture = $("portrait");
  picture.hidden = true;
  try {
    const answer = await fetch(setup.addresses.portraits + reference, { credentials: "omit" });
    const bytes = answer.ok ? await answer.arrayBuffer() : null;
    const digest = bytes && new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const said = digest && Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (said !== reference) return; // whatever came, it is not what was signed
    URL.revokeObjectURL(picture.src);
    picture.src = URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
    picture.hidden = false;
  } catch { /* without a network the reference is compared with the one on the badge */ }
}

function next() {
  last = null;
  $("result").hidden = true;
  $("ask").hidden = false;
  $("text").value = "";
}

async function check(text) {
  stopCamera();
  const found = await show(text);
  navigator.vibrate?.(found.verdict === "valid" ? 80 : [80, 80, 200]);
  await log(found);
}

// ---- reading codes ----
let reader = null;
async function codesReader() {
  if (reader) return reader;
  if ("BarcodeDetector" in window && (await BarcodeDetector.getSupportedFormats()).includes("qr_code")) {
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    reader = async (picture) => (await detector.detect(picture)).map((code) => code.rawValue);
    return reader;
  }
  await new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: setup.scripts.zxing, onload: resolve, onerror: reject });
    document.head.append(script);
  });
  window.ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => setup.scripts.wasm }, fireImmediately: true });
  const canvas = document.createElement("canvas");
  reader = async (picture) => {
    canvas.width = picture.videoWidth || picture.width;
    canvas.height = picture.videoHeight || picture.height;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(picture, 0, 0);
    const found = await window.ZXingWASM.readBarcodes(context.getImageData(0, 0, canvas.width, canvas.height), { formats: ["QRCode"], tryHarder: true });
    return found.filter((code) => code.isValid).map((code) => code.text);
  };
  return reader;
}

const chosen = (codes) => codes.find((code) => code.startsWith("EOC1:")) ?? codes[0];

async function readPicture(file) {
  try {
    const picture = await createImageBitmap(file);
    const code = chosen(await (await codesReader())(picture));
    if (code === undefined) $("note").textContent = setup.words.no_code;
    else await check(code);
  } catch { $("note").textContent = setup.words.no_picture; }
}

async function startCamera() {
  $("note").textContent = "";
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 1280 } } });
  } catch { $("note").textContent = setup.words.no_camera; return; }
  const video = $("video");
  video.srcObject = stream;
  await video.play();
  $("camera").hidden = false;
  const [track] = stream.getVideoTracks();
  $("torch").hidden = !track.getCapabilities?.().torch;
  const read = await codesReader();
  const look = async () => {
    if (!stream) return;
    const code = video.videoWidth ? chosen(await read(video).catch(() => [])) : undefined;
    if (code !== undefined && stream) await check(code);
    else setTimeout(look, 120);
  };
  await look();
}

function stopCamera() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  $("camera").hidden = true;
}

async function torch() {
  const [track] = stream.getVideoTracks();
  await track.applyConstraints({ advanced: [{ torch: !track.getSettings().torch }] });
}

// ---- the log of a polling station, only where the election asks for one ----
async function log(found) {
  if (!setup.logs) return;
  const waiting = (await lists.kept("log")) ?? [];
  const entry = { verdict: found.verdict, reason: found.reason, serial: found.claims?.serial ?? null, station: $("station").value.trim().slice(0, 40), checked_at: new Date(Date.now() + setup.offset * 1000).toISOString() };
  await lists.keep("log", [...waiting, entry].slice(-5000));
  await sendLog();
}

async function sendLog() {
  if (!setup.logs) return;
  const waiting = (await lists.kept("log")) ?? [];
  $("waiting").textContent = setup.words.waiting.replace("{count}", waiting.length);
  if (!waiting.length || !navigator.onLine) return;
  const part = waiting.slice(0, 500);
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(part), credentials: "omit" };
  const answer = await fetch(setup.addresses.checks, options).catch(() => null);
  if (!answer?.ok) return; // refused for now, or lost on the way: sent again later, and counted once
  const sent = new Set(part.map((entry) => JSON.stringify(entry)));
  const left = ((await lists.kept("log")) ?? []).filter((entry) => !sent.has(JSON.stringify(entry)));
  await lists.keep("log", left); // with what was checked meanwhile
  $("waiting").textContent = setup.words.waiting.replace("{count}", left.length);
}

// ---- beginning ----
root.addEventListener("click", (event) => {
  const act = event.target.closest("[data-act]")?.dataset.act;
  if (act) ({ camera: startCamera, stop: stopCamera, torch, next, refresh, paste: () => check($("text").value) })[act]?.();
});
$("picture").addEventListener("change", (event) => { const [file] = event.target.files; if (file) readPicture(file); event.target.value = ""; });
window.addEventListener("online", refresh);
window.addEventListener("offline", () => { $("network").textContent = setup.words.offline; });
document.addEventListener("visibilitychange", () => { if (document.hidden) stopCamera(); });

held = { keys: (await lists.kept("keys")) ?? null, list: (await lists.kept(`list-${setup.election}`)) ?? null };
showAge();
root.dataset.ready = "yes";
await refresh();
setInterval(refresh, 5 * 60 * 1000);
if ("serviceWorker" in navigator) await navigator.serviceWorker.register(setup.scripts.worker, { scope: setup.scripts.scope }).catch(() => null);
