"""What an owner may give as a proof, and what is refused, in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.activity import Submission
from dialogs.checklist import submit
from dialogs.evidence import read_evidence
from dialogs.item_state import Evidence
from dialogs.outcome import Finished, Rejected
from tests.dialogs.checklist_project import around, item, ref, speech, state

GOOD = [
    ("link", "https://exemple.org/grille?a=1#b"),
    ("link", "https://intranet/grille"),
    ("file", "grille tarifaire 2027.xlsx"),
    ("file", "https://exemple.org/f/123"),
    ("number", "30"),
    ("number", "1 250,5"),
    ("number", "95 %"),
    ("number", "-3.2"),
    ("attestation", "Relu et approuvé par le juridique"),
]
BAD = [
    ("link", "http://exemple.org/grille", "https://"),
    ("link", "javascript:alert(1)", "https://"),
    ("link", "https://", "https://"),
    ("link", "https://banque.example@mal.example/x", "https://"),
    ("link", "https://ex emple.org", "https://"),
    ("link", "https://exemple.org/\u202egnp.exe", "https://"),
    ("link", "https://[::1", "https://"),
    ("link", "voir le wiki", "https://"),
    ("file", "grille", ".xlsx"),
    ("file", "../../etc/passwd.txt", ".xlsx"),
    ("number", "beaucoup", "95"),
    ("number", "१२३", "95"),
    ("number", "12 x", "95"),
    ("attestation", "Fait.", "10"),
    ("attestation", "   a          ", "10"),
    ("link", "", ""),
    ("attestation", "x" * 501, "500"),
]


@pytest.mark.parametrize(("kind", "value"), GOOD)
def test_a_fair_proof_is_taken(kind: str, value: str) -> None:
    read = read_evidence(item(), {"kind": (kind,), "value": f"  {value} "}, around())
    assert isinstance(read, Evidence)
    assert (read.kind, read.value, read.author) == (kind, value, "p1")


@pytest.mark.parametrize("locale", ["fr-CA", "en"])
@pytest.mark.parametrize(("kind", "value", "part"), BAD)
def test_a_proof_that_proves_nothing_is_refused_with_what_to_do(
    kind: str, value: str, part: str, locale: str
) -> None:
    """Would have caught unsafe links being kept as proofs and shown to a sponsor."""
    words = speech("en") if locale == "en" else speech()
    sent = Submission(ref("LOG1", "done", "send"), {"kind": kind, "value": value})
    outcome = submit(state(), sent, around(), words)
    assert isinstance(outcome, Rejected)
    assert list(outcome.errors) == ["value"]
    assert part in outcome.errors["value"]
    assert outcome.errors["value"] in outcome.card.plain()


def test_the_two_languages_say_it_differently() -> None:
    sent = Submission(ref("LOG1", "done", "send"), {"kind": "number", "value": "beaucoup"})
    french, english = (submit(state(), sent, around(), words) for words in (speech(), speech("en")))
    assert isinstance(french, Rejected)
    assert isinstance(english, Rejected)
    assert french.errors["value"].startswith("Écrivez un nombre")
    assert english.errors["value"].startswith("Write a number")


@pytest.mark.parametrize(
    ("day", "part"), [("2027-03-11", "à venir"), ("hier", "date"), ("2027-13-01", "date")]
)
def test_a_test_has_a_real_date_that_is_not_to_come(day: str, part: str) -> None:
    values = {"kind": "number", "value": "30", "tested": day}
    outcome = submit(state(), Submission(ref("LOG1", "done", "send"), values), around(), speech())
    assert isinstance(outcome, Rejected)
    assert list(outcome.errors) == ["tested"]
    assert part in outcome.errors["tested"]


def test_all_errors_come_at_once() -> None:
    values = {"kind": "link", "value": "x", "tested": "x"}
    outcome = submit(state(), Submission(ref("LOG1", "done", "send"), values), around(), speech())
    assert isinstance(outcome, Rejected)
    assert set(outcome.errors) == {"value", "tested"}


@given(
    st.sampled_from(["link", "file", "number", "attestation", "blood", ""]),
    st.text(max_size=600),
    st.text(max_size=12),
)
def test_whatever_is_typed_the_form_answers(kind: str, value: str, tested: str) -> None:
    """Would have caught an exception, that is a dead form, on odd input."""
    values = {"kind": kind, "value": value, "tested": tested}
    outcome = submit(state(), Submission(ref("LOG1", "done", "send"), values), around(), speech())
    assert isinstance(outcome, Rejected | Finished)
