// Takes the client secret from the fragment, which is sent nowhere, and asks for the element with
// it in a form. The address it leaves behind says nothing.
"use strict";

const secret = new URLSearchParams(location.hash.slice(1)).get("client_secret");
const form = document.getElementById("open");
if (secret) {
  form.elements.client_secret.value = secret;
  history.replaceState(null, "", location.pathname + location.search);
  form.submit();
} else {
  document.getElementById("none").hidden = false;
}
