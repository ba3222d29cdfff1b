"""Dialogs as hypothesis makes them up, and the ways in which an editor changes one in mid-conversation."""

from typing import Any

from hypothesis import strategies as st

from dialogs.schema import Dialog

Json = dict[str, Any]
TYPES = ("yesno", "single", "multi", "scale5", "num", "date", "person", "text")


def said(text: str) -> Json:
    return {"fr-CA": text, "en": text}


def options(count: int) -> list[Json]:
    return [{"id": f"o{n}", "label": said(f"Option {n}")} for n in range(count)]


@st.composite
def dialogs(draw: st.DrawFn) -> Dialog:
    """A dialog of one to seven steps with conditions on earlier ones, often with rounds or a later moment."""
    steps: list[Json] = []
    for number in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from(TYPES))
        step: Json = {"id": f"S{number}", "type": kind, "ask": said(f"Question {number}")}
        if kind in ("single", "multi"):
            step["options"] = options(draw(st.integers(2, 7)))
        step["required"] = draw(st.booleans())
        depends: bool = draw(st.booleans())
        if steps and depends:
            step["when"] = [draw(_condition(draw(st.sampled_from(steps))))]
        if steps and draw(st.integers(0, 3)) == 0:
            step["required_when"] = [draw(_condition(draw(st.sampled_from(steps))))]
        steps.append(step)
    dialog: Json = {
        "dialog": "made",
        "version": 1,
        "title": said("Titre"),
        "steps": steps,
        "closings": [{"say": said("Merci")}],
        "resume": said("On reprend?"),
    }
    if draw(st.booleans()):
        first = draw(st.integers(0, len(steps) - 1))
        again = {"id": "AGAIN", "type": "yesno", "ask": said("Encore?"), "required": True}
        steps.append(again)
        dialog["rounds"] = {
            "first": steps[first]["id"],
            "last": "AGAIN",
            "max": draw(st.integers(1, 3)),
            "again": {"step": "AGAIN", "equals": "yes"},
        }
    if draw(st.booleans()):
        start = {"id": "START", "type": "single", "ask": said("On commence?"), "required": True}
        steps.insert(0, {**start, "options": options(3)})
        slots = [{"id": f"slot{n}", "in_hours": n, "label": said(f"{n} h")} for n in (1, 2)]
        dialog["later"] = {
            "step": "START",
            "equals": "o1",
            "ask": said("Quand?"),
            "slots": slots,
            "said": said("{when}"),
        }
    return Dialog.model_validate(dialog)


@st.composite
def changed(draw: st.DrawFn, dialog: Dialog) -> Dialog:
    """The dialog as an editor leaves it after one to three changes; it keeps to the rules of content."""
    content = dialog.model_dump(by_alias=True, exclude_none=True, mode="json")
    for _ in range(draw(st.integers(1, 3))):
        change = draw(st.sampled_from((_remove, _rename, _fewer_options, _unconditional, _reorder, _retype)))
        fixed = {content.get("later", {}).get("step"), content.get("rounds", {}).get("last")}
        fixed |= {content.get("rounds", {}).get("first")}
        free = [step for step in content["steps"] if step["id"] not in fixed]
        if free:
            change(content, draw(st.sampled_from(free)), draw(st.integers(0, 9)))
            _mend(content)
    return Dialog.model_validate(content)


@st.composite
def _condition(draw: st.DrawFn, step: Json) -> Json:
    test: Json
    match step["type"]:
        case "yesno":
            test = {"equals": draw(st.sampled_from(("yes", "no")))}
        case "single":
            test = {"one_of": ["o0", "o1"]}
        case "multi":
            test = {"includes": "o0"}
        case "scale5" | "num":
            test = {draw(st.sampled_from(("at_least", "at_most"))): 3}
        case _:
            test = {"answered": draw(st.booleans())}
    return {"step": step["id"], **test}


def _remove(content: Json, step: Json, _: int) -> None:
    if len(content["steps"]) > 1:
        content["steps"].remove(step)


def _rename(content: Json, step: Json, _: int) -> None:
    if "was" in step:
        return
    old, new = step["id"], f"{step['id']}x"
    step.update(id=new, was=old)
    for other in content["steps"]:
        for condition in (*other.get("when", ()), *other.get("required_when", ())):
            condition["step"] = new if condition["step"] == old else condition["step"]


def _fewer_options(_: Json, step: Json, number: int) -> None:
    if len(step.get("options", ())) > 2:
        step["options"].pop(number % len(step["options"]))


def _unconditional(_: Json, step: Json, __: int) -> None:
    step.pop("when", None)


def _reorder(content: Json, step: Json, number: int) -> None:
    steps, ids = content["steps"], [one["id"] for one in content["steps"]]
    rounds = content.get("rounds")
    inside = range(ids.index(rounds["first"]) + 1, ids.index(rounds["last"])) if rounds else range(len(ids))
    if ids.index(step["id"]) in inside:
        steps.remove(step)
        steps.insert(inside.start + number % len(inside), step)


def _retype(_: Json, step: Json, number: int) -> None:
    step["type"] = TYPES[number % len(TYPES)]
    step.pop("options", None)
    if step["type"] in ("single", "multi"):
        step["options"] = options(2 + number % 5)


def _mend(content: Json) -> None:
    """Drop the conditions that `embarque check` would refuse: on steps that are gone, later, or of another type."""
    seen: dict[str, str] = {}
    fits = {
        "equals": ("yesno",),
        "one_of": ("single",),
        "includes": ("multi",),
        "at_least": ("scale5", "num"),
        "at_most": ("scale5", "num"),
        "answered": TYPES,
    }
    for step in content["steps"]:
        for key in ("when", "required_when"):
            kept = [
                one
                for one in step.get(key, ())
                if one["step"] in seen
                and all(seen[one["step"]] in fits[name] for name in one if name != "step")
            ]
            step.pop(key, None)
            if kept:
                step[key] = kept
        seen[step["id"]] = step["type"]
