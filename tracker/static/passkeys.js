// Carries what the server asks to the authenticator and its answer back (WebAuthn Level 2). Bytes
// travel as base64url (RFC 4648, section 5).
(() => {
  const form = document.querySelector("form[data-passkey]");
  if (!form) return;
  const says = form.querySelector("[role=status]");

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list ?? []).map((item) => ({ ...item, id: bytes(item.id) }));

  const asked = () => {
    const options = JSON.parse(form.dataset.options);
    options.challenge = bytes(options.challenge);
    if (options.user) options.user = { ...options.user, id: bytes(options.user.id) };
    if (options.excludeCredentials) options.excludeCredentials = known(options.excludeCredentials);
    if (options.allowCredentials) options.allowCredentials = known(options.allowCredentials);
    return options;
  };

  const answer = (made) => {
    const { response } = made;
    const fields = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
    const said = Object.fromEntries(fields.filter((name) => response[name]).map((name) => [name, text(response[name])]));
    if (response.getTransports) said.transports = response.getTransports();
    return { id: made.id, rawId: text(made.rawId), type: made.type, response: said, extensions: JSON.stringify(made.getClientExtensionResults()) };
  };

  const ask = async () => {
    if (!window.PublicKeyCredential) { says.textContent = form.dataset.missing; return; }
    try {
      const made = await navigator.credentials[form.dataset.passkey]({ publicKey: asked() });
      form.elements.credential.value = JSON.stringify(answer(made));
      form.submit();
    } catch {
      says.textContent = form.dataset.failed;
    }
  };

  form.querySelector("button").addEventListener("click", ask);
  ask();
})();
