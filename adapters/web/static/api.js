// Talking to the server: the state of a screen, what a person does, the clock, and the stream of news.

const tries = [400, 1200, 3000];

export async function state(user, locale) {
  const query = new URLSearchParams({ lang: locale });
  if (user) query.set("as", user);
  const answer = await fetch(`/web/state?${query}`);
  if (!answer.ok) throw new Error(`state ${answer.status}`);
  return answer.json();
}

// The same id goes with every try, so that an act which did arrive is not done twice.
export async function act(what) {
  const body = JSON.stringify({ id: crypto.randomUUID(), ...what });
  for (const pause of [...tries, null]) {
    try {
      const answer = await post("/web/act", body);
      if (answer.ok) return await answer.json();
      if (answer.status < 500 || pause === null) throw new Refusal(answer.status);
    } catch (error) {
      if (error instanceof Refusal || pause === null) throw error;
    }
    await new Promise((resume) => setTimeout(resume, pause));
  }
  throw new Error("unreachable");
}

export async function move(to, locale) {
  const answer = await post(`/web/clock?${new URLSearchParams({ lang: locale })}`, JSON.stringify({ to }));
  if (!answer.ok) throw new Refusal(answer.status);
  return answer.json();
}

export class Refusal extends Error {}

function post(path, body) {
  return fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body });
}

// The browser reconnects by itself and tells the last id that it saw.
export function follow(user, cursor, locale, hears) {
  const query = new URLSearchParams({ as: user, after: cursor, lang: locale });
  const source = new EventSource(`/web/stream?${query}`);
  for (const kind of ["message", "replaced", "clock", "content", "reload"]) {
    source.addEventListener(kind, (event) => hears[kind](JSON.parse(event.data)));
  }
  source.addEventListener("open", () => hears.online(true));
  source.addEventListener("error", () => hears.online(false, source.readyState === EventSource.CLOSED));
  return source;
}
