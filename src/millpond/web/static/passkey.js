// Signing in with a passkey, and adding one in the settings (WebAuthn level 2). Without it the passphrase is enough.
"use strict";
{
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const send = (path, body, token) => fetch(path, {
    method: "POST", body: JSON.stringify(body),
    headers: { "content-type": "application/json", ...(token ? { "x-form-token": token } : {}) },
  });

  const signIn = async (room) => {
    const asked = await (await send(`/${room}/passkey/options`, {})).json();
    asked.challenge = bytes(asked.challenge);
    asked.allowCredentials = (asked.allowCredentials ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
    const found = await navigator.credentials.get({ publicKey: asked });
    return send(`/${room}/passkey`, {
      id: found.id, rawId: text(found.rawId), type: found.type, clientExtensionResults: {},
      response: {
        authenticatorData: text(found.response.authenticatorData), clientDataJSON: text(found.response.clientDataJSON),
        signature: text(found.response.signature), userHandle: found.response.userHandle ? text(found.response.userHandle) : null,
      },
    });
  };

  const add = async (room, token) => {
    const asked = await (await send(`/${room}/desk/passkeys/options`, {}, token)).json();
    asked.challenge = bytes(asked.challenge);
    asked.user.id = bytes(asked.user.id);
    asked.excludeCredentials = (asked.excludeCredentials ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
    const made = await navigator.credentials.create({ publicKey: asked });
    return send(`/${room}/desk/passkeys`, {
      id: made.id, rawId: text(made.rawId), type: made.type, clientExtensionResults: {},
      response: { attestationObject: text(made.response.attestationObject), clientDataJSON: text(made.response.clientDataJSON) },
    }, token);
  };

  const forget = async (room) => {  // nobody is signed in here: pages that check-off kept go; what was noted stays until it is sent
    for (const key of Object.keys(localStorage).filter((one) => one.startsWith(`check-off ${room}/`))) {
      const { device, waiting } = JSON.parse(localStorage.getItem(key)) ?? {};
      localStorage.setItem(key, JSON.stringify({ device, waiting }));
    }
    if (!("caches" in window)) return;
    const cache = await caches.open("check-off");
    for (const one of await cache.keys()) if (new URL(one.url).pathname.startsWith(`/${room}/`)) await cache.delete(one);
  };

  const button = document.getElementById("passkey");
  if (button && !button.dataset.token) forget(button.dataset.room).catch(() => { /* nothing was kept */ });
  if (button && window.PublicKeyCredential) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const problem = document.getElementById("passkey-problem");
      problem.hidden = true;
      try {
        const answer = button.dataset.token ? await add(button.dataset.room, button.dataset.token) : await signIn(button.dataset.room);
        if (!answer.ok) throw new Error(answer.status);
        location.assign((await answer.json()).go);
      } catch { problem.hidden = false; }
    });
  }
}
