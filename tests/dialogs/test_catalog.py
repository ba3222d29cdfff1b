"""The content as a whole: everything right is there, and every mistake is told at once."""
# ruff: noqa: E501 - a planted edit stays on its line

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.library import files_of
from dialogs.catalog import ContentError, catalog, json_schema, mistakes_in
from dialogs.mistakes import Said
from dialogs.yaml_reader import Document, read
from tests.packs import SMALL, files, planted

VISIT, READY, LADDER = (
    f"packs/mini/{name}.yaml" for name in ("dialogs/visit", "checklists/ready", "nudges/ladder")
)
CONTENT = Path(__file__).parents[2] / "content"


def test_a_pack_without_mistakes_is_loaded_in_the_order_of_its_files() -> None:
    loaded = catalog(files())
    pack = loaded.packs["mini"]
    assert loaded.ui["hello"].say("fr-CA") == "Bonjour"
    assert list(pack.gates) == ["G1", "G2"]
    assert pack.functions["FIN"].tap.type == "num"
    assert [item.id for item in pack.checklists["ready"].items] == ["A1", "A2"]
    assert set(pack.dialogs) | set(pack.quizzes) | set(pack.nudges) == {"visit", "basics", "ladder"}


def test_the_hash_changes_with_the_pack_and_with_nothing_else() -> None:
    """Would have caught two machines that believe they hold the same content."""
    first = catalog(files()).packs["mini"].hash
    assert catalog(dict(reversed(files().items()))).packs["mini"].hash == first
    assert catalog(files(planted("ui.yaml", ("Hello", "Hi")))).packs["mini"].hash == first
    assert catalog(files(planted(VISIT, ("How big?", "How large?")))).packs["mini"].hash != first


def test_a_catalog_cannot_be_changed_after_it_is_loaded() -> None:
    pack = catalog(files()).packs["mini"]
    with pytest.raises(TypeError):
        pack.dialogs["visit"] = pack.dialogs["visit"]  # type: ignore[index]


def test_twelve_mistakes_in_three_files_are_told_at_once() -> None:
    """Would have caught an editor sent back twelve times, once for each mistake."""
    changes = {
        **planted(
            VISIT,
            (', en: "Visit"', ""),
            ("step: V1, equals: now", "step: V1, equals: never"),
            ("max_picks: 2", "max_pick: 2"),
            ("includes: time", "includes: tmie"),
            ("last: V5", "last: V6"),
        ),
        **planted(READY, ("gates: {G1: 2}", "gates: {G8: 2}"), ("T0+6w", "soon"), ("domain: money\n    owner", "domain: mony\n    owner")),
        **planted(LADDER, ("When suits you?", "You are late."), ("id: K3", "id: K9"), ("days: 6", "days: -9"), ('"Merci."', '"Merci {."')),
    }  # fmt: skip
    started = time.process_time()
    found = mistakes_in(files(changes))
    assert time.process_time() - started < 2
    assert [(one.file.split("/")[-1], one.line) for one in found] == [
        ("ready.yaml", 8), ("ready.yaml", 10), ("ready.yaml", 14),
        ("visit.yaml", 3), ("visit.yaml", 13), ("visit.yaml", 17), ("visit.yaml", 26), ("visit.yaml", 32),
        ("ladder.yaml", 4), ("ladder.yaml", 5), ("ladder.yaml", 6), ("ladder.yaml", 7),
    ]  # fmt: skip


def test_the_error_carries_every_mistake() -> None:
    with pytest.raises(ContentError) as caught:
        catalog(files(planted(VISIT, (', en: "Visit"', ""), ("max_picks: 2", "max_pick: 2"))))
    assert len(caught.value.mistakes) == 2
    assert "dialogs/visit.yaml:3: The text is missing in English (en). What to do: " in str(caught.value)


def test_an_unreadable_file_does_not_make_its_names_unknown_elsewhere() -> None:
    """Would have caught twenty "unknown function" that hide the one quotation mark that is missing."""
    found = mistakes_in(files({"packs/mini/functions/functions.yaml": 'functions: ["'}))
    assert [one.file for one in found] == ["packs/mini/functions/functions.yaml"]


def test_the_same_name_in_two_files_is_told_with_both_places() -> None:
    copies = {
        "packs/mini/dialogs/z.yaml": SMALL[VISIT],
        "packs/mini/checklists/z.yaml": SMALL[READY].replace("checklist: ready", "checklist: other"),
    }
    told = [one.tell("fr-CA") for one in mistakes_in(files(copies))]
    assert any(f"à {VISIT}:1 et à packs/mini/dialogs/z.yaml:1" in one for one in told)
    assert any(f"à {READY}:6 et à packs/mini/checklists/z.yaml:6" in one for one in told)
    assert len(told) == 3


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("packs/mini/dialog/a.yaml", 'Did you mean "dialogs"'),
        ("packs/mini/a.yaml", "Put it in a folder"),
        ("other.yaml", "Put it in a folder"),
        ("packs/mini/dialogs/visit.yml", "Rename it to .yaml"),
    ],
)
def test_a_stray_file_is_told_instead_of_silently_left_out(name: str, words: str) -> None:
    assert [words in one.fix.en for one in mistakes_in(files({name: "a: 1"}))] == [True]


def test_an_empty_folder_is_no_content() -> None:
    assert {one.file for one in mistakes_in({})} == {"ui.yaml", "packs"}


def test_a_question_is_never_reached_when_the_step_it_depends_on_excludes_it() -> None:
    """Would have caught a question that waits for a gain below a step only asked for difficulties."""
    extra = """\
  - {id: I3, type: single, save: impact.polarity, ask: {fr-CA: "?", en: "?"}, options: [
      {id: gain, label: {fr-CA: "G", en: "G"}}, {id: difficulty, label: {fr-CA: "D", en: "D"}}]}
  - {id: I4, type: text, when: [{rule: difficulty}], ask: {fr-CA: "?", en: "?"}}
  - {id: I5, type: text, when: [{step: I4, answered: true}, {step: I3, equals: gain}], ask: {fr-CA: "?", en: "?"}}
rounds:"""
    found = mistakes_in(files(planted(VISIT, ("rounds:", extra))))
    assert [(one.where, '"I3" contradict' in one.cause.en) for one in found] == [("steps[8].when", True)]


@pytest.mark.parametrize("locale", ["fr-CA", "fr-FR"])
def test_french_is_set_with_its_spaces(locale: str) -> None:
    said = Said("« A » manque: ajoutez-le; sinon?", "")
    assert said.tell(locale).startswith("«\u00a0A\u00a0» manque\u00a0: ")  # type: ignore[arg-type]
    assert said.tell(locale).endswith("\u202f?" if locale == "fr-FR" else "sinon?")  # type: ignore[arg-type]


def test_the_editor_schema_accepts_the_small_pack_and_refuses_a_misspelt_key() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for name, text in SMALL.items():
        document = read(text, name)
        assert isinstance(document, Document)
        assert validator.is_valid(document.data), name
    assert not validator.is_valid({"dialogue": "x"})


def test_the_editor_schema_is_always_the_same() -> None:
    assert json.dumps(json_schema(), sort_keys=True) == json.dumps(json_schema(), sort_keys=True)


_DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 99)
    | st.sampled_from(["a", "V1", "G1", "T0", "fr-CA", "en", "single", "{n}"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "when", "ask", "fr-CA", "en", "step"]), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(SMALL)), st.binary(max_size=60), st.integers(0, 2000), st.integers(0, 40))
def test_any_bytes_give_a_catalog_or_mistakes(name: str, noise: bytes, start: int, length: int) -> None:
    """Would have caught any exception of a library that reaches the editor as a stack trace."""
    raw = SMALL[name].encode()
    mistakes_in({**files(), name: raw[:start] + noise + raw[start + length :]})
    mistakes_in({**files(), name: noise})


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(SMALL)), st.data())
def test_any_value_in_any_place_gives_a_catalog_or_mistakes(name: str, data: st.DataObject) -> None:
    """Would have caught a check that trusts the shape of an entry that another check has already refused."""
    document = read(SMALL[name], name)
    assert isinstance(document, Document)
    tree = json.loads(json.dumps(document.data))
    path = data.draw(st.sampled_from(sorted((path for path in document.places if path), key=str)))
    holder = tree
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = data.draw(_DATA)
    for one in mistakes_in({**files(), name: json.dumps(tree).encode()}):
        assert one.tell("en")
        assert one.tell("fr-FR")


def test_the_content_that_is_delivered_has_no_mistake() -> None:
    """Would have caught a release whose own content is refused at the start."""
    assert [one.tell("en") for one in mistakes_in(files_of(CONTENT))] == []
