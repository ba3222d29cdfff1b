"""What Teams is told at once when a button was tapped."""

from datetime import date

import pytest

from adapters.teams.replies import answer, failure, unknown
from dialogs.activity import Reply
from dialogs.card import Card, DateField, Form, NumberField, Option, Span, Text
from dialogs.ref import Ref
from tests.doubles.teams_cards import error_lines, problems, words

FORM = Form(
    (NumberField("hours", "Heures", value="2,5"), DateField("by", "Pour quand ?", value=date(2026, 12, 1))),
    Option("Envoyer", Ref("run")),
)


def test_an_answer_in_place_is_the_card() -> None:
    told = answer(
        Reply(card=Card("Merci", (Text((Span("Merci !"),)),), "fr-CA"), toast="C’est noté"), "fr-CA"
    )
    assert (told["statusCode"], told["type"]) == (200, "application/vnd.microsoft.card.adaptive")
    assert problems(told["value"]) == []
    assert words(told["value"]) == "C’est noté\nMerci !"


def test_errors_stand_under_their_fields_in_the_form_that_comes_again() -> None:
    card = Card("Q", (FORM,), "fr-CA")
    told = answer(Reply(open=card, errors={"hours": "Trop.", "by": "Trop tôt.", "gone": "Et ceci."}), "fr-CA")
    assert problems(told["value"]) == []
    assert error_lines(told["value"]) == {"Heures": "Trop.", "Pour quand ?": "Trop tôt."}
    assert words(told["value"]).startswith("Et ceci.")


def test_an_error_that_the_form_already_says_is_not_said_twice() -> None:
    card = Card("Q", (Text((Span("Trop."),), "warning"), FORM), "fr-CA")
    assert words(answer(Reply(open=card, errors={"hours": "Trop."}), "fr-CA")["value"]).count("Trop.") == 1


def test_short_answers_are_a_line_for_the_person() -> None:
    message = "application/vnd.microsoft.activity.message"
    assert answer(Reply(toast="Noté"), "fr") == {"statusCode": 200, "type": message, "value": "Noté"}
    assert answer(Reply(errors={"a": "Non.", "b": "Non plus."}), "fr")["value"] == "Non.\nNon plus."
    assert answer(Reply(), "fr")["value"] == "OK"


@pytest.mark.parametrize("locale", ["fr-CA", "en-US", None])
def test_failures_are_told_without_a_reason(locale: str | None) -> None:
    for told in (failure(locale), unknown(locale)):
        assert told["type"] == "application/vnd.microsoft.error"
        assert told["value"]["message"]
    assert failure("en-US")["value"]["message"].startswith("Something")
