// One field of a form: how it looks, what it holds, and what is wrong with it.

import { el, fresh } from "./dom.js";
import { count, number, say } from "./words.js";

const LONG = 8;

// -> {element, name, read(): value, complaint(): sentence or "", wrong(sentence), focus()}
export function field(what) {
  switch (what.kind) {
    case "select":
      return what.many ? many(what) : what.options.length > LONG ? list(what) : many(what);
    default:
      return typed(what);
  }
}

function typed(what) {
  const id = fresh("field");
  const tag = what.multiline ? "textarea" : "input";
  const kinds = { text: "text", number: "text", date: "date" };
  const input = el(tag, {
    id,
    name: what.id,
    type: what.multiline ? null : kinds[what.kind],
    rows: what.multiline ? 3 : null,
    inputmode: what.kind === "number" ? "decimal" : null,
    maxlength: what.max_length,
    "aria-required": what.required ? "true" : null,
  });
  input.value = what.value;
  const left = what.max_length ? el("span", { class: "left", id: `${id}-left` }) : null;
  const tell = () => left && (left.textContent = count("form.left", what.max_length - input.value.length));
  input.addEventListener("input", tell);
  tell();
  const read = () => input.value.trim();
  const complaint = () => {
    if (!read()) return what.required ? say("form.missing") : "";
    return what.kind === "number" ? numeric(read(), what) : "";
  };
  return framed(what, id, el("label", { for: id }, what.label), input, [input], { read, complaint, extra: left });
}

function numeric(text, what) {
  const value = Number(text.replace(/[\s\u00a0\u202f]/g, "").replace(",", "."));
  if (!Number.isFinite(value)) return say("form.number");
  if (what.minimum !== null && value < what.minimum) return say("form.least", { n: number(what.minimum) });
  if (what.maximum !== null && value > what.maximum) return say("form.highest", { n: number(what.maximum) });
  return "";
}

function list(what) {
  const id = fresh("field");
  const options = what.options.map((pick) => el("option", { value: pick.value, selected: what.value.includes(pick.value) }, pick.label));
  const input = el("select", { id, name: what.id, "aria-required": what.required ? "true" : null }, el("option", { value: "" }, say("form.choose")), options);
  const read = () => (input.value ? [input.value] : []);
  const complaint = () => (what.required && !input.value ? say("form.missing") : "");
  return framed(what, id, el("label", { for: id }, what.label), input, [input], { read, complaint });
}

function many(what) {
  const id = fresh("field");
  const boxes = what.options.map((pick) => {
    const type = what.many ? "checkbox" : "radio";
    const box = el("input", { type, name: id, value: pick.value });
    box.checked = what.value.includes(pick.value);
    return { box, row: el("label", { class: "pick" }, box, el("span", {}, pick.label)), label: pick.label };
  });
  const inputs = boxes.map((each) => each.box);
  const read = () => inputs.filter((box) => box.checked).map((box) => box.value);
  const limit = () => {
    const full = what.many && what.max_picks > 0 && read().length >= what.max_picks;
    for (const box of inputs) box.disabled = full && !box.checked;
  };
  for (const box of inputs) box.addEventListener("change", limit);
  limit();
  const picks = el("div", { class: "picks" }, boxes.map((each) => each.row));
  const search = boxes.length > 2 * LONG ? finder(boxes) : null;
  const complaint = () => (what.required && !read().length ? say("form.missing") : "");
  return framed(what, id, null, el("div", {}, search, picks), inputs, { read, complaint });
}

function finder(boxes) {
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const input = el("input", { type: "search", "aria-label": say("form.search"), placeholder: say("form.search") });
  input.addEventListener("input", () => {
    for (const each of boxes) each.row.hidden = !each.box.checked && !plain(each.label).includes(plain(input.value));
  });
  return input;
}

function framed(what, id, label, input, controls, { read, complaint, extra = null }) {
  const notes = [what.hint, what.many && what.max_picks ? say("form.most", { n: number(what.max_picks) }) : ""].filter(Boolean);
  const hint = notes.length ? el("p", { class: "hint", id: `${id}-hint` }, notes.join(" · ")) : null;
  const error = el("p", { class: "error", id: `${id}-error`, hidden: true });
  const optional = what.required ? null : el("span", { class: "optional" }, say("form.optional"));
  const described = [hint?.id, extra?.id].filter(Boolean);
  const head = label ?? el("legend", {}, what.label);
  if (optional) head.append(" ", optional);
  const element = el(label ? "div" : "fieldset", { class: "field" }, head, hint, input, el("div", { class: "under" }, error, extra));
  const wrong = (sentence) => {
    error.textContent = sentence;
    error.hidden = !sentence;
    const ids = [...(sentence ? [error.id] : []), ...described].join(" ");
    for (const control of label ? controls : [element]) {
      if (sentence && label) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
      if (ids) control.setAttribute("aria-describedby", ids);
      else control.removeAttribute("aria-describedby");
    }
    element.classList.toggle("wrong", Boolean(sentence));
  };
  wrong("");
  return { element, name: what.id, read, complaint, wrong, focus: () => controls[0]?.focus() };
}
