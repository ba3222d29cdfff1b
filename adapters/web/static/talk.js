// The log of one conversation: bubbles, cards, days, and what stands where a card was replaced.

import { card } from "./cards.js";
import { byId, el } from "./dom.js";
import { day, hour, say } from "./words.js";

const TOGETHER = 10 * 60 * 1000;
const SCROLLS = new Set(["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", " "]);

export class Talk {
  // uses(message, what): a control of a message was used -> promise of the server's answer.
  constructor(uses) {
    this.uses = uses;
    this.log = byId("log");
    this.newer = byId("newer");
    this.messages = [];
    this.typing = 0;
    this.newer.addEventListener("click", () => this.goesOn());
    this.log.addEventListener("scroll", () => {
      if (!this.atEnd()) return;
      this.stays = true;
      this.newer.hidden = true;
    });
    // Only the visitor leaves the end: a smooth scroll of our own passes places that are not the end.
    for (const kind of ["wheel", "touchmove", "pointerdown", "keydown"]) {
      this.log.addEventListener(kind, (event) => this.left(event), { passive: true });
    }
    // When a notice or the keyboard of a phone takes room, the end of the talk stays in sight.
    new ResizeObserver(() => this.stays && !this.isLong(this.log.lastElementChild) && (this.log.scrollTop = this.log.scrollHeight)).observe(this.log);
  }

  // Show a whole conversation; nothing of it is read aloud again.
  open(messages, empty) {
    this.messages = [...messages].sort((one, other) => one.id - other.id);
    this.log.setAttribute("aria-live", "off");
    this.log.replaceChildren(...this.messages.flatMap((one, at) => this.draw(one, this.messages[at - 1])));
    if (!this.messages.length) this.log.append(el("p", { class: "empty" }, empty));
    this.newer.hidden = true;
    this.stays = true;
    this.reveal(this.log.lastElementChild, true);
    setTimeout(() => this.log.setAttribute("aria-live", "polite"), 300);
  }

  // A message that is new, or that took the place of an older state of itself.
  put(message) {
    const known = this.messages.findIndex((one) => one.id === message.id);
    if (known >= 0) return this.replace(known, message);
    const last = this.messages.at(-1);
    if (last && last.id > message.id) return this.open([...this.messages, message], "");
    if (message.author === "person") this.stays = true;
    this.messages.push(message);
    this.log.querySelector(".empty")?.remove();
    const drawn = this.draw(message, last);
    this.log.append(...drawn);
    drawn.at(-1).classList.add("arrives");
    if (this.stays) this.reveal(drawn.at(-1));
    else this.newer.hidden = false;
    return undefined;
  }

  replace(at, message) {
    if (this.messages[at].revision >= message.revision) return;
    const old = byId(`message-${message.id}`);
    const hadFocus = old.contains(document.activeElement);
    this.messages[at] = message;
    const drawn = this.draw(message, this.messages[at - 1]).at(-1);
    drawn.classList.add("changed");
    old.replaceWith(drawn);
    if (hadFocus) drawn.focus({ preventScroll: true });
    if (this.stays) this.reveal(this.log.lastElementChild);
  }

  waits(starts) {
    this.typing = Math.max(0, this.typing + (starts ? 1 : -1));
    byId("typing").hidden = this.typing === 0;
  }

  // The visitor has done something: what comes of it is to be seen, and on request is next under Tab.
  goesOn(takesFocus = false) {
    this.stays = true;
    this.reveal(this.log.lastElementChild);
    if (takesFocus) (this.log.querySelector(".message:last-of-type") ?? this.log).focus({ preventScroll: true });
  }

  left(event) {
    const scrolls = { keydown: SCROLLS.has(event.key), pointerdown: event.target === this.log }[event.type] ?? true;
    if (scrolls) requestAnimationFrame(() => (this.stays = this.atEnd()));
  }

  draw(message, before) {
    const isBot = message.author === "bot";
    const newDay = !before || day(before.at) !== day(message.at);
    const together = !newDay && before.author === message.author && new Date(message.at) - new Date(before.at) < TOGETHER;
    const body = message.card
      ? card(message.card, (what) => this.uses(message, what))
      : el("p", { class: message.text.startsWith("/") ? "said command" : "said" }, message.text);
    const stamp = el("p", { class: "stamp" }, `${say(isBot ? "talk.bot" : "talk.you")} · `, el("time", { datetime: message.at }, hour(message.at)));
    if (isBot && message.revision > 0) stamp.append(` · ${say("talk.replaced")}`);
    const article = el(
      "article",
      { id: `message-${message.id}`, class: `message ${message.author}${together ? " together" : ""}`, tabindex: -1 },
      isBot ? el("img", { class: "bot-face", src: "/static/mark.svg", alt: "", width: 32, height: 32 }) : null,
      el("div", { class: "bubble" }, stamp, body),
    );
    const line = el("p", { class: "day" }, el("span", {}, day(message.at)));
    return newDay ? [line, article] : [article];
  }

  atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
  }

  isLong(element) {
    return Boolean(element) && element.offsetHeight > this.log.clientHeight - 40;
  }

  // A long message is shown from its beginning, a short one as the end of the talk.
  reveal(element, atOnce = false) {
    if (!element) return;
    const calm = atOnce || matchMedia("(prefers-reduced-motion: reduce)").matches;
    const start = element.previousElementSibling?.matches(".day") ? element.previousElementSibling : element;
    const top = this.isLong(element) ? start.offsetTop : this.log.scrollHeight;
    this.log.scrollTo({ top, behavior: calm ? "auto" : "smooth" });
  }
}
