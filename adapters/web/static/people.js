// The people whose place one may take: cards on arrival, a list afterwards.

import { byId, el, face } from "./dom.js";
import { count, number, say, tongue } from "./words.js";

export function people(state, choose) {
  const lists = [byId("people-list"), byId("welcome-people")];
  const focused = document.activeElement?.closest(".people button")?.dataset.user;
  for (const list of lists) {
    const hadFocus = list.contains(document.activeElement);
    list.replaceChildren(...state.personas.map((one) => el("li", {}, person(one, state.me, choose))));
    if (hadFocus && focused) list.querySelector(`[data-user="${CSS.escape(focused)}"]`)?.focus();
  }
}

function person(one, me, choose) {
  const isMe = one.user === me;
  const waiting = isMe ? 0 : one.waiting;
  const badge = waiting ? el("span", { class: "badge" }, el("span", { "aria-hidden": "true" }, number(waiting)), el("span", { class: "hidden" }, count("people.waiting", waiting))) : null;
  return el(
    "button",
    { type: "button", class: "seat", "data-user": one.user, "aria-current": isMe && "true", on: { click: () => choose(one.user) } },
    face(one),
    el(
      "span",
      { class: "person-words" },
      el("strong", {}, one.name),
      el("span", { class: "place" }, [one.function, one.site].filter(Boolean).join(" · "), "\u00a0", language(one)),
      one.roles.length ? el("span", { class: "roles" }, one.roles.join(" · ")) : null,
    ),
    badge,
  );
}

function language(one) {
  const code = one.locale.split("-")[0].toUpperCase();
  return el("span", { class: "tongue", title: tongue(one.locale) }, el("span", { "aria-hidden": "true" }, code), el("span", { class: "hidden" }, tongue(one.locale)));
}

// The head of the conversation: who one is, and tabs for what this person may read.
export function head(state, place, unread, go) {
  const me = state.personas.find((one) => one.user === state.me);
  byId("talk-face").replaceChildren(face(me));
  byId("talk-title").textContent = me.name;
  byId("talk-about").textContent = [me.function, me.site, ...me.roles].filter(Boolean).join(" · ");
  const titles = new Map(state.channels.map((one) => [`channel:${one.name}`, one.title]));
  const tabs = state.conversations.map(({ id }) => {
    const isHere = id === place;
    const n = isHere ? 0 : unread(id);
    const label = titles.has(id) ? [el("span", { class: "sign", "aria-hidden": "true" }, "#"), titles.get(id)] : [say("talk.bot")];
    const badge = n ? el("span", { class: "badge" }, el("span", { "aria-hidden": "true" }, number(n)), el("span", { class: "hidden" }, count("channels.unread", n))) : null;
    return el("button", { type: "button", "data-place": id, "aria-current": isHere && "page", on: { click: () => go(id) } }, label, badge);
  });
  const focused = document.activeElement?.closest("#tabs button")?.dataset.place;
  byId("tabs").hidden = tabs.length < 2;
  byId("tabs").replaceChildren(...tabs);
  if (focused) byId("tabs").querySelector(`[data-place="${CSS.escape(focused)}"]`)?.focus();
}
