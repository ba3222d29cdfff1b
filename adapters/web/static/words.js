// The page's words and the way its language writes numbers, dates and plurals.

let table = {};
let language = document.documentElement.lang || "fr-CA";
let zone = "UTC";

export function learn(state) {
  table = state.words;
  language = state.locale;
  zone = state.zone;
}

export function locale() {
  return language;
}

export function say(key, values = {}) {
  return fill(table[key] ?? key, values);
}

export function knows(key) {
  return key in table;
}

export function count(key, n, values = {}) {
  const form = new Intl.PluralRules(language).select(n) === "one" ? "one" : "other";
  return say(`${key}.${form}`, { n: number(n), ...values });
}

function fill(text, values) {
  return text.replace(/\{([a-z_]+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

export function number(value, tongue = language) {
  return new Intl.NumberFormat(tongue).format(value);
}

// Short date and time; both hold together where a narrow screen breaks the line.
export function moment(iso) {
  const options = { weekday: "short", day: "numeric", month: "short", timeZone: zone };
  const date = new Intl.DateTimeFormat(language, options).format(new Date(iso));
  return `${date}, ${hour(iso)}`.replace(/ /g, "\u00a0").replace(",\u00a0", ", ").replace(/, (?=.*, )/, ",\u00a0");
}

function clockHands() {
  return { hour: language === "en" ? "2-digit" : "numeric", minute: "2-digit", hourCycle: "h23" };
}

export function hour(iso) {
  return new Intl.DateTimeFormat(language, { ...clockHands(), timeZone: zone }).format(new Date(iso));
}

export function day(iso) {
  const options = { weekday: "long", day: "numeric", month: "long", timeZone: zone };
  return new Intl.DateTimeFormat(language, options).format(new Date(iso));
}

export function tongue(tag) {
  return new Intl.DisplayNames([language], { type: "language" }).of(tag.split("-")[0]);
}
