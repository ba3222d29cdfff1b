"""How cards look on Teams: always valid, never alive where a person wrote, nothing lost without a word."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.teams.fields import FIELD
from adapters.teams.render import MAX_BYTES, render
from dialogs.card import (
    Block,
    Card,
    Chart,
    Choice,
    DateField,
    Facts,
    Form,
    Image,
    Link,
    Meter,
    NumberField,
    Option,
    OptionStyle,
    Pick,
    SelectField,
    Series,
    Span,
    Table,
    Text,
    TextField,
    TextStyle,
)
from dialogs.ref import Ref
from tests.doubles.teams_cards import actions, inputs, problems, words

REF = Ref("run", "r1", "q1", "yes", 2)
HOSTILE = [
    "<!channel>", "<@U1>", "<https://evil|Payroll>", "&lt;!here&gt;", "[x](javascript:alert(1))",
    "![](https://evil/b.png)", "<at>Boss</at>", "</script><script>", "{{DATE(2026-01-01,SHORT)}}",
    "\u202eevil", "a\ud800b", "**gras** _italique_", "# titre", "- liste\n- liste", "\r\n\r\n",
    "${user}", "x" * 4000, "{{{{", "",
]  # fmt: skip


def drawn(*blocks: Block, locale: str = "fr-CA", title: str = "Titre") -> dict[str, Any]:
    found = render(Card(title, blocks, locale), "message")
    assert found.downgrades == ()
    assert problems(found.payload) == []
    return found.payload


texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20))
spans = st.lists(st.builds(Span, texts, st.booleans()), max_size=3).map(tuple)
refs = st.just(REF)
options = st.builds(Option, texts, refs, st.sampled_from(get_args(OptionStyle)))
figures = st.floats(allow_nan=True, allow_infinity=True) | st.integers(-5, 5).map(float)
bounds = st.none() | st.floats(allow_nan=True)
picks = st.lists(st.builds(Pick, texts, texts), max_size=14, unique_by=lambda one: one.value).map(tuple)


@st.composite
def selects(draw: st.DrawFn) -> SelectField:
    entries = draw(picks)
    values = tuple(one.value for one in entries)
    chosen = draw(st.lists(st.sampled_from(values), max_size=3, unique=True)) if values else []
    many = draw(st.booleans())
    return SelectField(
        draw(texts), draw(texts), entries, many=many, required=draw(st.booleans()),
        value=tuple(chosen if many else chosen[:1]),
    )  # fmt: skip


fields = st.one_of(
    st.builds(TextField, texts, texts, texts, st.booleans(), st.booleans(), st.integers(-5, 4000), texts),
    st.builds(NumberField, texts, texts, texts, st.booleans(), bounds, bounds, texts),
    st.builds(DateField, texts, texts, texts, st.booleans(), st.none() | st.dates()),
    selects(),
)
charts = st.builds(
    Chart,
    st.sampled_from(["bar", "line"]),
    texts,
    st.lists(texts, max_size=3).map(tuple),
    st.lists(st.builds(Series, texts, st.lists(figures, max_size=4).map(tuple)), max_size=3).map(tuple),
)
rows = st.lists(st.lists(texts, max_size=3).map(tuple), max_size=3).map(tuple)
blocks = st.one_of(
    st.builds(Text, spans, st.sampled_from(get_args(TextStyle))),
    st.builds(Facts, st.lists(st.tuples(texts, texts), max_size=3).map(tuple)),
    st.builds(Meter, texts, figures, texts),
    st.builds(Table, texts, st.lists(texts, max_size=3).map(tuple), rows),
    charts,
    st.builds(Image, texts | st.just("https://example.com/a.png"), texts),
    st.builds(Link, texts, texts | st.just("https://example.com/")),
    st.builds(Choice, st.lists(options, max_size=5).map(tuple)),
    st.builds(Form, st.lists(fields, max_size=4).map(tuple), options),
)
cards = st.builds(Card, texts, st.lists(blocks, max_size=4).map(tuple), st.sampled_from(["fr-CA", "en", ""]))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=150)
@given(cards)
def test_every_card_has_a_drawing_that_teams_takes(card: Card) -> None:
    """Catches a card that Teams would refuse: the person would get nothing at all."""
    found = render(card, "message")
    assert problems(found.payload, largest=10_000_000) == []
    assert found.text
    json.dumps(found.payload, allow_nan=False).encode()


def strings(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a card with the kind of element and the property that hold it."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from strings(value, f"{node.get('type', path)}.{name}")
    elif isinstance(node, list):
        for value in node:
            yield from strings(value, path)
    elif isinstance(node, str):
        yield path, node


LITERAL = {
    "TextRun.text", "Input.Text.value", "Input.Text.label", "Input.ChoiceSet.choices.title", "Image.altText",
    "Action.Execute.title", "Action.Submit.title", "Action.OpenUrl.title", "Chart.VerticalBar.data.x",
}  # fmt: skip


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.strip()])
def test_what_a_person_wrote_stands_only_where_no_markup_is_read(text: str) -> None:
    """Catches a colleague's "[pay slip](https://evil)" becoming a link in a leader's summary."""
    mark = "PERSON" + text
    payload = render(
        Card(
            "Titre",
            (
                Text((Span(mark), Span(mark, bold=True)), "quote"),
                Text((Span(mark),)),
                Facts(((mark, mark),)),
                Meter(mark, 0.5, mark),
                Table(mark, (mark,), ((mark,),)),
                Chart("bar", mark, (mark,), (Series(mark, (1.0,)),)),
                Image("https://example.com/a.png", mark),
                Choice((Option(mark, REF),)),
                Form(
                    (TextField("a", mark, mark, value=mark), SelectField("b", "B", (Pick("x", mark),))),
                    Option("OK", REF),
                ),
            ),
            "fr-CA",
        ),
        "message",
    ).payload
    places = {place for place, found in strings(payload) if "PERSON" in found}
    assert places <= LITERAL
    assert not [found for place, found in strings(payload) if place == "TextRun.text" and "{{" in found]


@settings(deadline=None, max_examples=60)
@given(texts)
def test_what_a_person_wrote_is_read_back_as_written(text: str) -> None:
    """Catches escaping that shows: a person who writes "R&D <3" must not read "R&amp;D"."""
    typed = "<" + "".join(one for one in text if one.isprintable() and one.isascii()) + ">"
    assert words(drawn(Text((Span(typed),)))) == typed


def test_a_title_holds_no_markup_for_clients_that_show_the_card_as_text() -> None:
    payload = render(Card("**a** [x](https://evil) <b>", (), "en"), "message").payload
    assert not set(payload["fallbackText"]) & set("[]<>*_`")
    assert payload["speak"] == "**a** [x](https://evil) &lt;b&gt;"


def test_line_feeds_and_emphasis_are_kept() -> None:
    payload = drawn(Text((Span("un "), Span("deux", bold=True), Span("\ntrois\n\nquatre"))))
    assert words(payload).split("\n") == ["un deux", "trois", "quatre"]
    first, second, third = payload["body"]
    assert [run.get("weight") for run in first["inlines"]] == [None, "Bolder"]
    assert (second["spacing"], third["spacing"]) == ("None", "Medium")


def test_styles_can_be_told_apart() -> None:
    looks = [json.dumps(drawn(Text((Span("x"),), style))["body"]) for style in get_args(TextStyle)]
    assert len(set(looks)) == len(looks)


def test_a_button_has_a_fallback_and_leaves_the_inputs_alone() -> None:
    """Catches a "Later" button that a half-filled form blocks."""
    payload = drawn(
        Choice(
            (Option("Oui", REF, "primary"), Option("Non", REF, "danger"), Option("Plus tard", REF, "quiet"))
        )
    )
    yes, no, later = actions(payload)
    assert (yes["type"], yes["style"], no["style"], "style" in later) == (
        "Action.Execute",
        "positive",
        "destructive",
        False,
    )
    assert yes["data"] == {"ref": REF.encode()} == yes["fallback"]["data"]
    assert {yes["associatedInputs"], yes["fallback"]["associatedInputs"]} == {"none"}
    assert yes["fallback"]["type"] == "Action.Submit"


TEAMS = (Pick("a,b", "A et B"), Pick("c", "C"))
FORM = Form(
    (
        TextField("why", "Pourquoi ?", "En une phrase", required=True, multiline=True, value="Parce que"),
        NumberField("hours", "Heures", minimum=0.5, maximum=40, value="2,5"),
        DateField("by", "Pour quand ?", required=True, value=date(2026, 12, 1)),
        SelectField("team", "Équipe", TEAMS, required=True, many=True, value=("a,b", "c")),
    ),
    Option("Envoyer", REF, "primary"),
)  # fmt: skip


def test_a_form_has_labels_checks_and_values() -> None:
    why, hours, by, team = inputs(payload := drawn(FORM))
    assert why == {
        "type": "Input.Text", "id": FIELD + "why", "label": "Pourquoi ?", "isRequired": True,
        "isMultiline": True, "errorMessage": "Écrivez une réponse.", "maxLength": 280, "value": "Parce que",
    }  # fmt: skip
    assert (hours["min"], hours["max"], hours["value"]) == (0.5, 40, 2.5)
    assert hours["errorMessage"] == "Entrez un nombre de 0,5 à 40."
    assert by["value"] == "2026-12-01"
    assert (team["isMultiSelect"], team["style"], team["value"]) == (True, "expanded", "a%2Cb,c")
    (send,) = actions(payload)
    assert send["data"] == {"ref": REF.encode(), "many": ["team"]}
    assert send["associatedInputs"] == "auto"
    assert "En une phrase" in words(payload)


def test_the_clients_own_sentences_are_in_the_language_of_the_card() -> None:
    why, hours, *_ = inputs(drawn(FORM, locale="en"))
    assert (why["errorMessage"], hours["errorMessage"]) == (
        "Write an answer.",
        "Enter a number from 0.5 to 40.",
    )


@pytest.mark.parametrize(
    ("count", "many", "style"), [(10, False, "expanded"), (11, False, "filtered"), (100, True, "compact")]
)
def test_long_lists_fold(count: int, many: bool, style: str) -> None:
    entries = tuple(Pick(str(number), f"Service {number}") for number in range(count))
    (found,) = inputs(drawn(Form((SelectField("d", "Service", entries, many=many),), Option("OK", REF))))
    assert found["style"] == style


def test_charts_have_their_figures_as_a_table_for_clients_without_charts() -> None:
    one = drawn(Chart("bar", "Réponses", ("S1", "S2"), (Series("Oui", (3, 4.5)),)))
    chart = one["body"][1]
    assert chart["type"] == "Chart.VerticalBar"
    assert chart["data"] == [{"x": "S1", "y": 3}, {"x": "S2", "y": 4.5}]
    assert words(chart["fallback"]).split("\n") == ["\u00a0 | Oui", "S1 | 3", "S2 | 4.5"]
    two = (Series("Oui", (3.0,)), Series("Non", (1.0,)))
    assert drawn(Chart("bar", "R", ("S1",), two))["body"][1]["type"] == "Chart.VerticalBar.Grouped"
    line = drawn(Chart("line", "R", ("S1",), two))["body"][1]
    assert (line["type"], line["data"][1]) == (
        "Chart.Line",
        {"legend": "Non", "values": [{"x": "S1", "y": 1.0}]},
    )


def test_a_meter_is_a_bar_and_words() -> None:
    assert words(drawn(Meter("Liste", 0.62, "8 sur 13"))) == "Liste ██████░░░░ 8 sur 13"


@pytest.mark.parametrize(
    ("block", "word"),
    [
        (Image("http://example.com/a.png", "Un graphique"), "image"),
        (Link("Tableau", "javascript:alert(1)"), "link"),
        (Meter("a", float("nan"), "b"), "meter"),
        (Chart("bar", "t", ("a",), (Series("s", (float("inf"),)),)), "chart"),
        (Form((NumberField("n", "N", value="beaucoup"),), Option("OK", REF)), "not a number"),
        (Form((SelectField("n", "N", ()),), Option("OK", REF)), "no entries"),
        (Form((TextField("n", "N"), TextField("n", "M")), Option("OK", REF)), "twice"),
        (Text((Span("é" * MAX_BYTES),)), "split it"),
    ],
)
def test_nothing_is_lost_without_a_word(block: Block, word: str) -> None:
    found = render(Card("Titre", (block,), "fr-CA"), "message")
    assert len(found.downgrades) == 1
    assert word in found.downgrades[0]
    assert problems(found.payload, largest=10_000_000) == []


def test_every_surface_shows_the_same_card() -> None:
    card = Card("Titre", (FORM,), "fr-CA")
    assert render(card, "modal") == render(card, "home") == render(card, "message")
