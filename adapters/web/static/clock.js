// The company's clock: moving it, and a short line about what happened meanwhile.

import { move } from "./api.js";
import { byId, el } from "./dom.js";
import { count, locale, moment, number, say } from "./words.js";

export class Clock {
  // moved(): called after each move, when the screen may be behind.
  constructor(moved) {
    this.moved = moved;
    this.buttons = [...document.querySelectorAll(".clock button")];
    this.news = byId("clock-news");
    for (const button of this.buttons) button.addEventListener("click", () => this.move(button.dataset.to));
  }

  show(iso) {
    const face = byId("clock-now");
    face.dateTime = iso;
    face.textContent = moment(iso);
  }

  async move(to) {
    if (this.busy) return false;
    this.busy = true;
    for (const button of this.buttons) button.setAttribute("aria-disabled", "true");
    this.tell([el("span", { class: "spin", "aria-hidden": "true" }), say("clock.moving")]);
    try {
      const happened = await move(to, locale());
      this.show(happened.now);
      this.tell(story(happened), true);
      await this.moved();
      return true;
    } catch {
      this.tell([say("clock.failed")], true);
      return false;
    } finally {
      this.busy = false;
      for (const button of this.buttons) button.removeAttribute("aria-disabled");
    }
  }

  tell(parts, mayClose = false) {
    const close = el("button", { type: "button", class: "ghost close", on: { click: () => (this.news.hidden = true) } }, say("page.close"));
    this.news.replaceChildren(...parts, ...(mayClose ? [close] : []));
    this.news.hidden = false;
  }
}

function story(happened) {
  const all = happened.sent + happened.in_channels;
  const line = all ? count("clock.sent", all) : say("clock.nothing");
  const where = all && happened.in_channels ? `, ${say("clock.channel", { n: number(happened.in_channels) })}` : "";
  const when = el("strong", {}, moment(happened.now));
  const words = el("span", {}, when, " – ", line, where, where || all ? "." : "");
  if (!happened.lines.length) return [words];
  return [words, el("details", { open: all === 0 }, el("summary", {}, say("clock.why")), el("ul", {}, happened.lines.map((one) => el("li", {}, one))))];
}
