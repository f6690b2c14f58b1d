// Hands the token of the chosen demo member to the chat that opened this window, and to its origin only.
"use strict";

const box = document.getElementById("signed-in");
if (window.opener) {
  window.opener.postMessage({ type: "relais-sign-in", token: box.dataset.token }, box.dataset.origin);
  window.close();
} else {
  box.hidden = true;
  document.getElementById("no-chat").hidden = false;
}
box.removeAttribute("data-token");
