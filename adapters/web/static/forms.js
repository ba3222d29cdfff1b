// A form in a card: sending it, and showing each mistake at its field.

import { el } from "./dom.js";
import { field } from "./fields.js";

export function form(block, uses) {
  const fields = block.fields.map(field);
  const send = el("button", { type: "submit", class: `option ${block.submit.style === "normal" ? "primary" : block.submit.style}` }, block.submit.label);
  const element = el("form", { class: "form", novalidate: true, autocomplete: "off" }, fields.map((one) => one.element), el("div", { class: "choice" }, send));
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (element.dataset.busy) return;
    if (show(fields, Object.fromEntries(fields.map((one) => [one.name, one.complaint()])))) return;
    element.dataset.busy = "yes";
    send.classList.add("chosen");
    send.setAttribute("aria-disabled", "true");
    const values = Object.fromEntries(fields.map((one) => [one.name, one.read()]));
    const answer = await uses({ ref: block.submit.ref, label: block.submit.label, values });
    delete element.dataset.busy;
    send.classList.remove("chosen");
    send.removeAttribute("aria-disabled");
    if (answer) show(fields, answer.errors);
  });
  return element;
}

function show(fields, errors) {
  for (const one of fields) one.wrong(errors[one.name] ?? "");
  const first = fields.find((one) => errors[one.name]);
  first?.focus();
  return Boolean(first);
}
