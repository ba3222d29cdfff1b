// The page: one screen of one person, kept in step with the server.

import { Refusal, act, follow, state as load } from "./api.js";
import { Clock } from "./clock.js";
import { Composer } from "./composer.js";
import { byId } from "./dom.js";
import { mistakes, online, toast } from "./notices.js";
import { closeDrawers, openModal, startPanels } from "./panels.js";
import { head, people } from "./people.js";
import { Talk } from "./talk.js";
import { tour } from "./tour.js";
import { learn, locale, say } from "./words.js";

let state = null;
let place = "";
let source = null;
let turn = 0;
let told = 0;

const talk = new Talk(use);
const composer = new Composer((text) => deliver({ kind: "message", text }));
const clock = new Clock(refresh);

function route() {
  const asked = new URLSearchParams(location.hash.slice(1));
  return { user: asked.get("as"), at: asked.get("at") };
}

function go(user, at) {
  const next = `#${new URLSearchParams(at && at !== `dm:${user}` ? { as: user, at } : { as: user })}`;
  if (next === location.hash) return arrive();
  history.pushState(null, "", next);
  return arrive();
}

// Show what the address says; a later arrival wins over a slower earlier one.
async function arrive() {
  const mine = ++turn;
  const isFirst = !state;
  const { user, at } = route();
  const isOther = user !== state?.me;
  if (isOther || !state) {
    const found = await load(user, locale()).catch(() => null);
    if (mine !== turn) return;
    if (!found) return missed();
    state = found;
    begin();
    learn(state);
    online(true);
    listen();
  }
  const own = state.me ? `dm:${state.me}` : "";
  place = state.conversations.some((one) => one.id === at) ? at : own;
  byId("language").href = `${byId("language").href.split("#")[0]}${location.hash}`;
  closeDrawers();
  composer.learn();
  clock.show(state.now);
  mistakes(state.mistakes);
  draw();
  if (state.me) showPlace();
  if (isOther && !isFirst && state.me && document.activeElement === document.body) byId("talk-title").focus();
}

// The server is away: say so, and look again until it is back.
function missed() {
  online(false);
  setTimeout(arrive, 3000);
}

function draw() {
  document.body.classList.toggle("arriving", !state.me);
  document.body.classList.toggle("conversation-open", Boolean(state.me));
  byId("welcome").hidden = Boolean(state.me);
  byId("conversation").hidden = !state.me;
  people(state, (user) => go(user));
  tour(state, play);
  if (state.me) head(state, place, unread, (at) => go(state.me, at));
}

function showPlace() {
  const isOwn = place === `dm:${state.me}`;
  byId("composer").hidden = !isOwn;
  byId("read-only").hidden = isOwn;
  talk.open(messages(place), say(isOwn ? "talk.empty" : "channel.empty"));
  seen();
}

function listen() {
  source?.close();
  source = state.me
    ? follow(state.me, state.cursor, locale(), {
        message: receive,
        replaced: receive,
        clock: (news) => {
          told += 1;
          Object.assign(state, news);
          clock.show(state.now);
          draw();
        },
        content: mistakes,
        reload: () => location.reload(),
        online: (isOnline, isOver) => {
          online(isOnline);
          if (isOver) setTimeout(listen, 3000);
        },
      })
    : null;
}

function receive(message) {
  const all = messages(message.conversation);
  const at = all.findIndex((one) => one.id === message.id);
  if (at >= 0 && all[at].revision >= message.revision) return;
  if (at >= 0) all[at] = message;
  else all.push(message);
  state.cursor = Math.max(state.cursor, message.id);
  if (message.conversation === place) {
    talk.put(message);
    seen();
  } else head(state, place, unread, (where) => go(state.me, where));
}

function messages(id) {
  return state.conversations.find((one) => one.id === id)?.messages ?? [];
}

// What has been on the screen is remembered by this browser alone.
function seen() {
  const last = Math.max(0, ...messages(place).map((one) => one.id));
  sessionStorage.setItem(`seen ${state.me} ${place}`, String(last));
}

// Where this browser has no memory yet, the server knows what this person looked at before.
function begin() {
  const me = state.personas.find((one) => one.user === state.me);
  for (const { id, messages: all } of me ? state.conversations : []) {
    const last = me.seen ?? Math.max(0, ...all.map((one) => one.id));
    const key = `seen ${state.me} ${id}`;
    if (sessionStorage.getItem(key) === null) sessionStorage.setItem(key, String(last));
  }
}

function unread(id) {
  const last = Number(sessionStorage.getItem(`seen ${state.me} ${id}`) ?? 0);
  return messages(id).filter((one) => one.author === "bot" && one.id > last).length;
}

// -> the server's answer, or null when it did not come; the visitor has been told then.
async function deliver(what) {
  talk.goesOn();
  talk.waits(true);
  try {
    const answer = await act({ as: state.me, conversation: place, ...what });
    if (answer.toast) toast(answer.toast);
    if (answer.open) openModal(answer.open, (used) => deliver({ kind: "submit", message: what.message, ...used }), () => talk.goesOn(true));
    return answer;
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof TypeError)) throw error;
    toast(say("talk.failed"));
    return null;
  } finally {
    talk.waits(false);
  }
}

function use(message, what) {
  return deliver({ kind: "submit", message: String(message.id), ...what });
}

async function play(scene) {
  closeDrawers();
  if (state.me !== scene.user || place !== scene.conversation) await go(scene.user, scene.conversation);
  if (scene.to && !(await clock.move(scene.to))) return;
  if (scene.command) await deliver({ kind: "message", text: scene.command });
  talk.goesOn(true);
}

// What the stream told while the answer was on its way is newer than the answer.
async function refresh() {
  const mine = turn;
  const before = told;
  const found = await load(state.me, locale()).catch(() => null);
  if (mine !== turn || !found) return;
  for (const one of found.conversations.flatMap((each) => each.messages)) receive(one);
  if (told === before) Object.assign(state, { now: found.now, personas: found.personas, story: found.story });
  draw();
}

startPanels();
addEventListener("popstate", arrive);
await arrive();
