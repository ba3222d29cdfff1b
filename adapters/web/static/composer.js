// Where one writes: Enter sends, a slash opens the commands, suggestions are one click away.

import { byId, el, fresh } from "./dom.js";
import { say } from "./words.js";

const COMMANDS = ["impact", "ready", "quiz", "digest", "pause", "lang", "help"];

export class Composer {
  // says(text): what was written is to be sent.
  constructor(says) {
    this.says = says;
    this.input = byId("say");
    this.menu = byId("menu");
    this.active = -1;
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send(this.input.value);
    });
    this.input.addEventListener("input", () => this.offer());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
  }

  learn() {
    this.commands = COMMANDS.map((id) => ({ words: `/embarque ${say(`command.${id}.word`)}`, text: say(`command.${id}.text`) }));
    const chips = this.commands.map((one) => el("button", { type: "button", class: "chip", title: one.text, on: { click: () => this.send(one.words) } }, one.words.split(" ")[1]));
    byId("suggestions").replaceChildren(...chips);
  }

  send(text) {
    const words = text.trim();
    if (!words) return;
    this.input.value = "";
    this.close();
    this.says(words);
  }

  key(event) {
    if (event.isComposing) return;
    const shown = [...this.menu.children];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!this.menu.hidden && step && shown.length) {
      event.preventDefault();
      this.mark((this.active + step + shown.length) % shown.length);
    } else if (!this.menu.hidden && event.key === "Escape") {
      this.close();
    } else if (!this.menu.hidden && (event.key === "Enter" || event.key === "Tab") && this.active >= 0) {
      event.preventDefault();
      this.pick(shown[this.active].dataset.words, event.key === "Enter");
    }
  }

  offer() {
    const typed = this.input.value.toLowerCase();
    const bare = typed.replace(/^\/(embarque\s*)?/, "");
    const fits = (one) => one.words.startsWith(typed) || one.words.split(" ")[1].startsWith(bare);
    const found = typed.startsWith("/") ? this.commands.filter(fits) : [];
    if (!found.length || found.some((one) => one.words === typed)) return this.close();
    this.menu.replaceChildren(...found.map((one) => this.entry(one)));
    this.menu.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    return this.mark(0);
  }

  entry(one) {
    const row = el("li", { role: "option", id: fresh("command"), "data-words": one.words, "aria-selected": "false" }, el("code", {}, one.words), el("span", {}, one.text));
    row.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.pick(one.words, true);
    });
    return row;
  }

  pick(words, now) {
    if (now) return this.send(words);
    this.input.value = words;
    return this.close();
  }

  mark(at) {
    this.active = at;
    [...this.menu.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === at)));
    this.input.setAttribute("aria-activedescendant", this.menu.children[at].id);
    this.menu.children[at].scrollIntoView({ block: "nearest" });
  }

  close() {
    this.menu.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
