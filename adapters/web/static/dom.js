// Making elements. Text only ever becomes text nodes, so nothing that a person typed can come alive.

export function el(tag, properties = {}, ...children) {
  return dress(document.createElement(tag), properties, children);
}

export function svg(tag, properties = {}, ...children) {
  return dress(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

function dress(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, does] of Object.entries(value)) element.addEventListener(event, does);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function byId(id) {
  return document.getElementById(id);
}

export function fresh(prefix) {
  fresh.made = (fresh.made ?? 0) + 1;
  return `${prefix}-${fresh.made}`;
}

export function face(person) {
  const initials = person.name.split(/[\s-]+/).map((word) => [...word][0] ?? "").join("");
  const tone = [...person.user].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 6;
  const short = [...initials].filter((_, at, all) => at === 0 || at === all.length - 1).join("");
  return el("span", { class: `face tone-${tone}`, "aria-hidden": "true" }, short);
}
