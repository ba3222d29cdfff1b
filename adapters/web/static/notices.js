// Short news for the visitor: a toast, the state of the connection, mistakes in the content.

import { byId, el } from "./dom.js";
import { count } from "./words.js";

export function toast(words) {
  const slip = byId("toast");
  clearTimeout(toast.timer);
  slip.textContent = words;
  slip.hidden = false;
  toast.timer = setTimeout(() => (slip.hidden = true), 3000 + 60 * words.length);
}

export function online(isOnline) {
  if (isOnline) {
    clearTimeout(online.timer);
    online.timer = null;
    byId("offline").hidden = true;
  } else {
    // A short break, as when the server restarts, is not worth a word.
    online.timer ??= setTimeout(() => (byId("offline").hidden = false), 2000);
  }
}

export function mistakes(sentences) {
  const slip = byId("mistakes");
  slip.hidden = !sentences.length;
  const list = el("ul", {}, sentences.map((one) => el("li", {}, one)));
  slip.replaceChildren(...(sentences.length ? [el("div", {}, el("strong", {}, count("mistakes.title", sentences.length)), list)] : []));
}
