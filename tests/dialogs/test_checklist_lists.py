"""What an owner sees as "my items" and a lead as the overview."""

from datetime import timedelta

from dialogs.card import Choice, Form, Meter, SelectField, Table
from dialogs.item_lists import WHICH, items_card, list_card, overview_card
from dialogs.item_state import Block
from dialogs.nudge import Quiet
from dialogs.schema import FollowUp, Function
from tests.dialogs.checklist_project import TODAY, around, both, button, closed, ref, speech, state, words

PICKS = FollowUp(ask=both("Quoi?", "What?"), type="multi")
FUNCTIONS = {
    code: Function(code=code, label=both(name, english), picks=PICKS, tap=PICKS)
    for code, name, english in (("LOG", "Logistique", "Logistics"), ("FIN", "Finances", "Finance"))
}


def test_somebody_without_items_is_told_so() -> None:
    assert "Aucun point ne vous est confié" in items_card([], around(), speech()).plain()


def test_open_items_come_by_date_each_with_its_own_buttons() -> None:
    states = [
        state("B", due=TODAY + timedelta(days=9)),
        state("A", due=TODAY - timedelta(days=2), revision=4),
        closed("C"),
    ]
    card = items_card(states, around(), speech("en"))
    words_ = card.plain()
    assert words_.index("Carriers chosen A") < words_.index("Carriers chosen B")
    assert "still open" in words_
    assert "1 item done already" in words_
    assert button(card, "done").ref == ref("A", "done", "", 4)


def test_many_items_stay_reachable_through_the_list() -> None:
    """Would have caught a card too long for the platform, or items that nobody can open any more."""
    states = [state(f"I{n:02}", due=TODAY + timedelta(days=n)) for n in range(30)]
    card = items_card(states, around(), speech())
    assert len(card.blocks) < 20
    form = next(block for block in card.blocks if isinstance(block, Form))
    field = form.fields[0]
    assert isinstance(field, SelectField)
    on_buttons = {option.ref.subject for option in card.options() if option.ref.subject}
    assert on_buttons | {pick.value for pick in field.options} == {one.item.id for one in states}


def test_everything_done_is_said_in_the_right_number() -> None:
    assert "All done: 2 items" in items_card([closed("A"), closed("B")], around(), speech("en")).plain()
    assert "Tout est fait\u00a0: 1 point." in items_card([closed("A")], around(), speech()).plain()


def test_the_overview_shows_readiness_gates_and_counts_by_function() -> None:
    states = [
        closed("A"),
        state("B", due=TODAY - timedelta(days=4)),
        state("C", block=Block("decision", "Prix", TODAY)),
        state("D", owner_role="function_lead.FIN", gates={"G1": 2}),
        state("E", owner_role="sponsor", gates={"G1": 2}, hand_over_asked=True),
    ]
    card = overview_card(states, FUNCTIONS, around(*states), speech())
    meters = [block for block in card.blocks if isinstance(block, Meter)]
    assert [meter.label for meter in meters] == [
        "État de préparation",
        "Modèle d'affaires",
        "Modèle opérationnel",
    ]
    assert meters[2].caption == "1 sur 3"
    table = next(block for block in card.blocks if isinstance(block, Table))
    assert table.rows == (
        ("Équipe du projet", "0", "1", "0", "0"),
        ("Logistique", "1", "1", "1", "1"),
        ("Finances", "0", "1", "0", "0"),
    )
    assert {option.ref.choice for option in card.options()} == {"blocked", "hand_over", "waiting"}


def test_an_overview_without_items_says_so_instead_of_zero_percent() -> None:
    card = overview_card([], FUNCTIONS, around(), speech())
    assert "Aucun point" in card.plain()
    assert not any(isinstance(block, Meter) for block in card.blocks)


def test_a_list_for_the_lead_shows_what_was_typed_as_it_was_and_names_nobody() -> None:
    states = [state("C", block=Block("decision", "<b>Prix</b>", TODAY)), state("D")]
    card = list_card(states, "blocked", FUNCTIONS, around(), speech())
    assert "<b>Prix</b>" in card.plain()
    assert "Logistique" in card.plain()
    assert "p1" not in card.plain()
    assert "D" not in {option.ref.subject for option in card.options()}


def test_rows_of_buttons_never_have_more_than_five() -> None:
    states = [state(f"I{n:02}", due=TODAY - timedelta(days=n)) for n in range(30)]
    cards = [items_card(states, around(), speech()), overview_card(states, FUNCTIONS, around(), speech())]
    cards += [list_card(states, which, FUNCTIONS, around(), speech()) for which in WHICH]
    rows = [block for card in cards for block in card.blocks if isinstance(block, Choice)]
    assert all(1 <= len(row.options) <= 5 for row in rows)


def test_every_reason_for_silence_has_words() -> None:
    assert all(reason in words() for reason in Quiet)
