// On a small screen the people and the visit are drawers; the modal shows a form that the bot opened.

import { card } from "./cards.js";
import { byId } from "./dom.js";

const narrow = matchMedia("(max-width: 60rem)");
const drawers = [
  ["people", "people-toggle"],
  ["tour", "tour-toggle"],
];

export function startPanels() {
  for (const [panel, toggle] of drawers) {
    byId(toggle).addEventListener("click", () => setDrawer(panel, toggle, !byId(panel).classList.contains("shown")));
    byId(panel).querySelector(".close").addEventListener("click", () => setDrawer(panel, toggle, false, true));
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const [panel, toggle] of drawers) if (byId(panel).classList.contains("shown")) setDrawer(panel, toggle, false, true);
  });
  byId("talk").addEventListener("pointerdown", closeDrawers);
  narrow.addEventListener("change", closeDrawers);
  closeDrawers();
  byId("modal").querySelector(".close").addEventListener("click", () => byId("modal").close());
}

export function closeDrawers() {
  for (const [panel, toggle] of drawers) setDrawer(panel, toggle, false);
}

function setDrawer(panel, toggle, shown, giveBack = false) {
  const element = byId(panel);
  element.classList.toggle("shown", shown);
  element.inert = narrow.matches && !shown;
  byId(toggle).setAttribute("aria-expanded", String(shown));
  if (shown) {
    for (const [other, button] of drawers) if (other !== panel) setDrawer(other, button, false);
    element.querySelector("button, summary")?.focus();
  } else if (giveBack) byId(toggle).focus();
}

// uses(what) -> promise of the answer. The modal closes by itself when there is nothing left to correct;
// done() is called then.
export function openModal(what, uses, done) {
  const modal = byId("modal");
  byId("modal-title").textContent = what.title;
  byId("modal-title").lang = what.locale;
  const submit = async (used) => {
    const answer = await uses(used);
    if (answer && !answer.open && !Object.keys(answer.errors).length) {
      modal.close();
      done();
    }
    return answer;
  };
  byId("modal-body").replaceChildren(card({ ...what, blocks: untitled(what) }, submit));
  if (!modal.open) modal.showModal();
  byId("modal-body").querySelector("input, select, textarea, button")?.focus();
}

// The head of the modal already says the title.
function untitled(what) {
  const [first, ...others] = what.blocks;
  const words = first?.kind === "text" ? first.spans.map((span) => span.text).join("") : "";
  return words.trim() && words.trim() === what.title.trim() ? others : what.blocks;
}
