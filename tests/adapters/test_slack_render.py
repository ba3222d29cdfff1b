"""Cards as Slack draws them."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.markup import clean
from adapters.slack.render import render
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
)
from dialogs.ref import Ref
from tests.doubles.slack_blocks import block_faults, view_faults
from tests.doubles.slack_cards import CARDS, HOSTILE
from tests.doubles.slack_screen import buttons, inputs, shown_words

Json = dict[str, Any]
SURFACES = ("message", "modal", "home")
REF = Ref("run", "ab12", "budget", "yes", 3)


def faults(payload: Json, surface: str) -> list[str]:
    json.dumps(payload, ensure_ascii=False).encode("utf-8")
    return block_faults(payload["blocks"], surface) if surface == "message" else view_faults(payload)


def card(*blocks: Block, title: str = "Une question", locale: str = "fr") -> Card:
    return Card(title, blocks, locale)


def text(words: str, style: Any = "normal") -> Text:
    return Text((Span(words),), style)


CRUMB = Form((NumberField("hours", "Heures", minimum=-1e-12, maximum=1.8e-12),), Option("Envoyer", REF))


@settings(max_examples=120, deadline=None)
@given(CARDS, st.sampled_from(SURFACES))
@example(Card("Une question", (CRUMB,), "fr"), "modal")
def test_slack_takes_whatever_card_there_is_and_finds_no_markup_in_it(one: Card, surface: str) -> None:
    """One employee's long, empty or strange text would have blocked a digest with `invalid_blocks`."""
    payload = render(one, surface).payload
    assert faults(payload, surface) == []
    wrote = json.dumps(payload)
    for live in ("mrkdwn", "broadcast", "user", "usergroup", "channel", "markdown", "date"):
        assert f'"type": "{live}"' not in wrote


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("style", ["normal", "heading", "quiet", "quote", "warning"])
def test_hostile_words_are_shown_as_they_were_typed_and_nothing_in_them_lives(words: str, style: Any) -> None:
    payload = render(
        card(text(words, style), Facts((("Qui", words),)), Table("T", ("a",), ((words[:900],),))), "message"
    ).payload
    assert faults(payload, "message") == []
    if len(words) < 1000:
        assert shown_words(payload).count(clean(words, 1000)) == 3
        links = [one for one in _elements(payload) if one.get("type") in ("link", "user", "broadcast")]
        assert links == []


def _elements(value: Any) -> list[Json]:
    if isinstance(value, list):
        return [found for one in value for found in _elements(one)]
    if isinstance(value, dict):
        return [value, *(found for one in value.values() for found in _elements(one))]
    return []


@pytest.mark.parametrize("words", HOSTILE[:7])
def test_the_notification_holds_no_mention_and_no_link(words: str) -> None:
    """The top-level text is the one place that Slack always parses."""
    shown = render(card(text("x"), title=words), "message").payload["text"]
    assert "<" not in shown
    assert ">" not in shown


def test_a_long_text_goes_over_several_blocks_and_loses_nothing() -> None:
    words = "Une phrase assez longue. " * 300
    drawn = render(card(text(words)), "message")
    assert len(drawn.payload["blocks"]) > 1
    assert "".join(shown_words({"blocks": [one]}) for one in drawn.payload["blocks"]) == words
    assert drawn.downgrades == ()


def test_a_card_too_long_for_slack_keeps_its_buttons_and_says_so() -> None:
    """Slack refuses more than about 13,200 characters in a message with `msg_blocks_too_long`."""
    drawn = render(card(text("mot " * 10_000), Choice((Option("Oui", REF),))), "message")
    assert [one["text"]["text"] for one in buttons(drawn.payload)] == ["Oui"]
    assert "…" in shown_words(drawn.payload)
    assert any("do not fit" in sentence for sentence in drawn.downgrades)


def test_a_button_carries_its_ref_and_its_block_is_renewed_with_the_question() -> None:
    """With an unchanged block id Slack would keep the state of the question before."""
    first = render(
        card(Choice((Option("Oui", REF, "primary"), Option("Non", REF, "quiet")))), "message"
    ).payload
    later = Ref("run", "ab12", "budget", "yes", 4)
    second = render(card(Choice((Option("Oui", later, "primary"),))), "message").payload
    shown = list(buttons(first))
    assert [Ref.decode(one["value"]) for one in shown] == [REF, REF]
    assert [one.get("style") for one in shown] == ["primary", None]
    assert first["blocks"][0]["block_id"] != second["blocks"][0]["block_id"]


def _form() -> Form:
    few = tuple(Pick(f"v{number}", f"Entrée {number}") for number in range(3))
    many = tuple(Pick(f"v{number}", f"Entrée {number}") for number in range(40))
    return Form(
        (
            TextField("why", "Pourquoi", "En une phrase", required=True, multiline=True, value="Parce que"),
            NumberField("hours", "Heures", minimum=0, maximum=37.5, value="12,5"),
            DateField("by", "Pour quand", value=date(2026, 12, 1)),
            SelectField("one", "Une", few, value=("v1",)),
            SelectField("some", "Plusieurs", few, many=True, value=("v0", "v2")),
            SelectField("list", "Liste", many),
            SelectField("lists", "Listes", many, many=True, max_picks=2),
        ),
        Option("Envoyer", REF, "primary"),
    )


def test_each_field_is_an_input_named_by_its_id_and_filled_with_what_it_held() -> None:
    payload = render(card(_form()), "message").payload
    assert faults(payload, "message") == []
    shown = {one["block_id"]: one for one in inputs(payload)}
    kinds = {name: one["element"]["type"] for name, one in shown.items()}
    assert kinds == {
        "why": "plain_text_input",
        "hours": "plain_text_input",
        "by": "datepicker",
        "one": "radio_buttons",
        "some": "checkboxes",
        "list": "static_select",
        "lists": "multi_static_select",
    }
    assert shown["why"]["optional"] is False
    assert shown["hours"]["element"]["initial_value"] == "12,5"
    assert shown["by"]["element"]["initial_date"] == "2026-12-01"
    assert shown["one"]["element"]["initial_option"]["value"] == "v1"
    assert [one["value"] for one in shown["some"]["element"]["initial_options"]] == ["v0", "v2"]
    assert shown["lists"]["element"]["max_selected_items"] == 2
    assert [one["text"]["text"] for one in buttons(payload)] == ["Envoyer"]


@pytest.mark.parametrize(("locale", "close"), [("fr-CA", "Annuler"), ("en", "Cancel")])
def test_a_modal_sends_with_its_own_button_and_closes_in_the_persons_language(
    locale: str, close: str
) -> None:
    drawn = render(card(_form(), locale=locale), "modal")
    assert faults(drawn.payload, "modal") == []
    assert drawn.payload["title"]["text"] == "Une question"
    assert drawn.payload["submit"]["text"] == "Envoyer"
    assert drawn.payload["close"]["text"] == close
    assert list(buttons(drawn.payload)) == []
    assert drawn.downgrades == ()


def test_a_title_too_long_for_a_modals_bar_stands_on_its_first_line() -> None:
    long = "Décrivez l'effet sur votre équipe"
    payload = render(card(text("x"), title=long), "modal").payload
    assert payload["title"]["text"] == "Embarque"
    assert payload["blocks"][0]["text"]["text"] == long


def test_a_number_has_its_own_input_in_a_modal_only() -> None:
    """Slack's mobile apps show "content cannot be displayed" for a number input in a message."""
    hours = next(one for one in inputs(render(card(_form()), "modal").payload) if one["block_id"] == "hours")
    assert hours["element"]["type"] == "number_input"
    assert [hours["element"][name] for name in ("min_value", "initial_value", "max_value")] == [
        "0",
        "12.5",
        "37.5",
    ]


CHART = Chart("line", "Réponses", ("S1", "S2"), (Series("Ventes", (3.0, 4.5)), Series("Achats", (1.0, 2.0))))
TABLE = Table("Équipes", ("Équipe", "Part"), (("Ventes", "3 sur 4"), ("Achats", "")))


def test_a_table_and_a_chart_are_slacks_own_in_a_message() -> None:
    drawn = render(card(TABLE, CHART), "message")
    assert [one["type"] for one in drawn.payload["blocks"]] == ["rich_text", "table", "data_visualization"]
    assert drawn.downgrades == ()


def test_in_a_modal_their_figures_are_written_out_and_none_is_missing() -> None:
    drawn = render(card(TABLE, CHART), "modal")
    shown = shown_words(drawn.payload)
    for word in ("Équipe", "Part", "Ventes", "3 sur 4", "Achats", "S1", "S2", "4,50"):
        assert word in shown
    assert drawn.downgrades == ()


@pytest.mark.parametrize(
    ("block", "what"),
    [
        (Table("T", tuple("abcdefghijklmnopqrstu"), ()), "21 columns"),
        (Table("T", ("a",), (("x",),) * 100), "100 rows"),
        (Chart("bar", "T" * 51, ("a",), (Series("s", (1.0,)),)), "50 characters"),
        (Chart("bar", "T", ("a" * 21,), (Series("s", (1.0,)),)), "20 characters"),
        (text("x" * 151, "heading"), "150 characters"),
        (Choice((Option("x" * 76, REF),)), "75 characters"),
        (Form((TextField("", "L"),), Option("Ok", REF)), "field id"),
        (Image("http://pics.example/a.png", "Une image"), "https"),
        (Link("Voir", "ftp://x"), "web address"),
    ],
)
def test_what_slack_cannot_show_as_meant_is_reported(block: Block, what: str) -> None:
    """`embarque check` fails on these, so that an author finds out before the readers do."""
    assert what in " ".join(render(card(block), "message").downgrades)


def test_quiet_and_danger_are_styles_that_a_button_may_have() -> None:
    styles: tuple[OptionStyle, ...] = ("danger", "quiet")
    payload = render(card(Choice(tuple(Option("x", REF, style) for style in styles))), "home").payload
    assert [one.get("style") for one in buttons(payload)] == ["danger", None]
