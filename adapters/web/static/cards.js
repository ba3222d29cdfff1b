// Drawing a card: each block of the neutral message as an element of the page.

import { chart } from "./chart.js";
import { el, fresh } from "./dom.js";
import { form } from "./forms.js";
import { say } from "./words.js";

// uses: ref and label of the button, values of the form -> promise of the server's answer.
export function card(what, uses) {
  return el("div", { class: "card", lang: what.locale }, what.blocks.map((block) => draw(block, what, uses)));
}

function draw(block, what, uses) {
  switch (block.kind) {
    case "text":
      return text(block);
    case "facts":
      return el("dl", { class: "facts" }, block.pairs.map(([label, value]) => el("div", {}, el("dt", {}, label), el("dd", {}, value))));
    case "meter":
      return meter(block);
    case "table":
      return table(block);
    case "chart":
      return chart(block, what.locale);
    case "image":
      return image(block);
    case "link":
      return link(block.label, block.url);
    case "choice":
      return el("div", { class: "choice", role: "group", "aria-label": what.title }, block.options.map((option) => button(option, uses)));
    case "form":
      return form(block, uses);
    default:
      return null;
  }
}

function text(block) {
  const spans = block.spans.map((span) => (span.bold ? el("strong", {}, span.text) : span.text));
  const tags = { heading: "h3", quote: "blockquote", warning: "p", quiet: "p" };
  return el(tags[block.style] ?? "p", { class: `text ${block.style}` }, spans);
}

function meter(block) {
  const id = fresh("meter");
  return el(
    "div",
    { class: "meter" },
    el("span", { id, class: "meter-label" }, block.label),
    el("span", { class: "meter-caption" }, block.caption),
    el("meter", { min: 0, max: 1, value: block.value, "aria-labelledby": id, "aria-valuetext": block.caption }, block.caption),
  );
}

export function table(block) {
  const id = fresh("table");
  const isNumber = (cell) => /^[−-]?[\d\s\u00a0\u202f.,]+[\s\u00a0]?[%$€]?$/.test(cell);
  const cells = (row) => row.map((cell, at) => el(at === 0 ? "th" : "td", { scope: at === 0 && "row", class: isNumber(cell) && "figure" }, cell));
  const head = block.header.map((cell) => el("th", { scope: "col" }, cell));
  return el(
    "div",
    { class: "table", role: "group", tabindex: 0, "aria-labelledby": id },
    el("table", {}, el("caption", { id }, block.caption), el("thead", {}, el("tr", {}, head)), el("tbody", {}, block.rows.map((row) => el("tr", {}, cells(row))))),
  );
}

// Pictures of other servers are not loaded: they would tell them who reads. A link leads there instead.
function image(block) {
  if (!block.url.startsWith("/static/")) return link(say("image.open", { alt: block.alt }), block.url);
  return el("img", { class: "picture", src: block.url, alt: block.alt, loading: "lazy" });
}

function link(label, url) {
  if (!/^https?:\/\//i.test(url)) return el("p", { class: "text" }, `${label} – ${url}`);
  return el("p", { class: "text" }, el("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, label));
}

function button(option, uses) {
  const made = el("button", { type: "button", class: `option ${option.style}` }, option.label);
  made.addEventListener("click", async () => {
    const group = made.parentElement;
    if (group.dataset.busy) return;
    group.dataset.busy = "yes";
    made.classList.add("chosen");
    for (const each of group.children) each.setAttribute("aria-disabled", "true");
    await uses({ ref: option.ref, label: option.label });
    delete group.dataset.busy;
    made.classList.remove("chosen");
    for (const each of group.children) each.removeAttribute("aria-disabled");
  });
  return made;
}
