// The guided visit: a few scenes, each with one button that puts everything in place.

import { byId, el } from "./dom.js";
import { number, say } from "./words.js";

// play(scene): take the place, move the clock, say the command.
export function tour(state, play) {
  const next = state.story.find((scene) => !scene.done);
  const done = state.story.filter((scene) => scene.done).length;
  const list = byId("tour-steps");
  const focused = list.contains(document.activeElement) ? document.activeElement.closest("li")?.dataset.scene : null;
  const open = new Set([...list.querySelectorAll("details[open]")].map((each) => each.parentElement.dataset.scene));
  byId("tour").hidden = !state.story.length;
  byId("tour-progress").textContent = say("tour.progress", { n: number(done), total: number(state.story.length) });
  list.replaceChildren(...state.story.map((scene, at) => step(scene, at, scene === next, open.has(scene.id) && !scene.done, state, play)));
  if (!next && state.story.length) list.append(el("li", { class: "end" }, el("p", {}, say("tour.end"))));
  if (focused) list.querySelector(`[data-scene="${CSS.escape(focused)}"] summary`)?.focus({ preventScroll: true });
  byId("welcome-start").onclick = () => play(next ?? state.story[0]);
}

function step(scene, at, isNext, wasOpen, state, play) {
  const name = state.personas.find((one) => one.user === scene.user)?.name ?? scene.user;
  const mark = el("span", { class: "mark", "aria-hidden": "true" }, scene.done ? "✓" : number(at + 1));
  const title = el("span", { class: "title" }, say(`tour.${scene.id}.title`));
  const told = scene.done ? el("span", { class: "hidden" }, ` (${say("tour.done")})`) : null;
  const button = el("button", { type: "button", class: isNext ? "primary" : "option", on: { click: () => play(scene) } }, say(`tour.${scene.id}.button`));
  return el(
    "li",
    { "data-scene": scene.id, class: scene.done ? "done" : isNext ? "next" : null, "aria-current": isNext && "step" },
    el(
      "details",
      { open: isNext || wasOpen },
      el("summary", {}, mark, title, told),
      el("div", { class: "step-body" }, el("p", {}, say(`tour.${scene.id}.text`, { name })), button),
    ),
  );
}
