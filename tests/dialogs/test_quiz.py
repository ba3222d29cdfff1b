"""A quiz in the conversation: from the first question to the last tap, and everything that goes astray."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.outcome import Asked, Finished, Given, Rejected, Stale
from dialogs.quiz_effects import Reviewed
from dialogs.quiz_state import settled
from dialogs.ref import Ref
from dialogs.text import Locale
from tests.dialogs.quiz_learner import Learner, question, quiz
from tests.dialogs.spoken import quizzes

THREE = quiz(question("A1"), question("A2"), question("A3"))


def test_a_whole_session_explains_every_answer_and_ends_with_a_score_for_the_person_alone():
    """Would catch an explanation shown only after a mistake, or only after a right answer."""
    person = Learner(THREE, "A1", "A2", "A3")
    assert person.sees("Les bases · question 1 de 3")
    person.clicks("Juste A1")
    assert person.sees("C'est juste")
    assert person.sees("Parce que A1")
    person.clicks("C'était sûr")
    person.clicks("Faux A2")
    assert person.sees("Ce n'est pas celle-là")
    assert person.sees("Réponse juste : Juste A2")
    assert person.sees("Parce que A2")
    person.clicks("C'était deviné")
    person.clicks("Juste A3")
    person.clicks("C'était deviné")
    assert person.sees("Réponses justes : 2 sur 3.")
    assert person.sees("n'est montré qu'à vous")
    assert isinstance(person.outcome, Finished)
    assert person.reviews == [
        Reviewed("A1", True, True),
        Reviewed("A2", False, False),
        Reviewed("A3", True, False),
    ]
    person.clicks("Utile")
    assert person.sees("Merci, c'est noté.")
    assert person.session.given[-1] == Given("useful", 0, "yes")


def test_the_message_that_was_answered_keeps_the_answer_and_loses_its_buttons():
    """Would catch an answer that can be changed once the right one is known."""
    person = Learner(THREE, "A1")
    person.clicks("Faux A1")
    assert person.before is not None
    assert "Faux A1" in person.before.plain()
    assert not list(person.before.options())
    person.clicks("C'était sûr")
    assert person.before is not None
    assert "Parce que A1" in person.before.plain()
    assert not list(person.before.options())
    person.clicks("Pas utile")
    assert person.before is not None
    assert not list(person.before.options())


def test_a_double_click_counts_once():
    """Would catch two reviews of one answer, which would push its next date far away."""
    person = Learner(THREE, "A1", "A2")
    first = next(person.card.options()).ref
    person.sends(first)
    person.sends(first)
    assert isinstance(person.outcome, Stale)
    assert person.sees("C'était sûr")
    sure = next(person.card.options()).ref
    person.sends(sure)
    person.sends(sure)
    assert isinstance(person.outcome, Stale)
    assert person.sees("Question A2?")
    assert len(person.reviews) == 1
    assert len(person.session.given) == 2


def test_another_option_of_an_answered_question_is_stale():
    """Would catch the answer being corrected after the explanation."""
    person = Learner(THREE, "A1", "A2")
    bad = next(one.ref for one in person.card.options() if one.ref.choice == "bad")
    person.clicks("Juste A1")
    person.sends(bad)
    assert isinstance(person.outcome, Stale)
    assert person.session.score() == (1, 1)


def test_useful_is_taken_once_and_then_is_stale():
    person = Learner(THREE, "A1")
    person.clicks("Juste A1")
    person.clicks("C'était sûr")
    useful = next(person.card.options()).ref
    person.sends(useful)
    person.sends(useful)
    assert isinstance(person.outcome, Stale)
    assert [row.step for row in person.session.given] == ["A1", "A1", "useful"]


@pytest.mark.parametrize(
    "ref",
    [None, Ref("quiz", "r1", "A9.0", "good"), Ref("quiz", "r1", "A1.0", "good", 7), Ref("run", "", "", "")],
)
def test_a_control_that_means_nothing_here_shows_where_the_person_is(ref: Ref | None):
    person = Learner(THREE, "A1")
    person.sends(ref)
    assert isinstance(person.outcome, Stale)
    assert person.sees("Question A1?")


def test_a_forged_option_is_refused_and_nothing_is_stored():
    person = Learner(THREE, "A1")
    person.sends(Ref("quiz", "r1", "A1.0", "everything"))
    assert isinstance(person.outcome, Rejected)
    assert person.sees("Répondez par une lettre : A, B, C.")
    person.clicks("Juste A1")
    person.sends(Ref("quiz", "r1", "A1.1", "maybe"))
    assert isinstance(person.outcome, Rejected)
    assert len(person.session.given) == 1


def test_letters_numbers_and_words_may_be_typed():
    """Would catch a letter that means another option than the one shown beside it."""
    person = Learner(THREE, "A1", "A2", "A3")
    for name, how in (
        ("A1", str.lower),
        ("A2", lambda letter: f"{letter}."),
        ("A3", lambda letter: str("ABC".index(letter) + 1)),
    ):
        letter = next(label[0] for label in person.labels if label.endswith(f"Juste {name}"))
        person.types(how(letter))
        assert person.sees("C'est juste")
        person.types("  Sûr! ")
    assert person.session.score() == (3, 3)
    person.types("pas utile")
    assert person.session.useful() == "no"
    person.types("encore?")
    assert isinstance(person.outcome, Finished)


def test_what_is_not_understood_is_asked_again_with_a_hint():
    person = Learner(THREE, "A1", locale="en")
    person.types("what?")
    assert isinstance(person.outcome, Rejected)
    assert person.sees("Answer with a letter: A, B, C.")
    person.types("good a1")
    person.types("hmm")
    assert isinstance(person.outcome, Rejected)
    assert person.sees("Answer “sure” or “guessed”")
    person.types("guessed")
    assert person.reviews == [Reviewed("A1", True, False)]


def test_a_pause_keeps_the_answers_and_offers_to_resume():
    person = Learner(THREE, "A1", "A2")
    person.clicks("Juste A1")
    person.types("Stop")
    assert person.sees("Vos réponses sont gardées")
    person.clicks("Reprendre")
    assert person.sees("Parce que A1")
    assert isinstance(person.outcome, Asked)


def test_the_order_of_options_stays_with_the_session_and_differs_between_sessions():
    """Would catch answers learnt by their place, and options that move when the message is drawn again."""
    orders = {tuple(Learner(THREE, "A1", run=f"r{n}").labels) for n in range(40)}
    assert len(orders) == 6
    assert Learner(THREE, "A1", run="r1").labels == Learner(THREE, "A1", run="r1").labels


def test_a_question_removed_in_the_middle_is_skipped():
    person = Learner(THREE, "A1", "A2", "A3")
    person.clicks("Juste A1")
    person.clicks("C'était sûr")
    person.content_becomes(quiz(question("A1"), question("A3")))
    assert person.sees("Question A3?")
    assert person.sees("question 2 de 2")
    person.clicks("Juste A3")
    person.clicks("C'était sûr")
    assert person.sees("2 sur 2")


def test_a_question_renamed_in_the_middle_keeps_its_answer_and_is_reviewed_under_its_new_name():
    person = Learner(THREE, "A1", "A2")
    labels, ref = person.labels, next(person.card.options()).ref
    renamed = quiz(question("A1"), question("A2"), question("B7", was="A1"))
    renamed = renamed.model_copy(update={"questions": renamed.questions[1:]})
    person.content_becomes(renamed)
    assert [label[:2] for label in person.labels] == [label[:2] for label in labels]
    person.sends(ref)
    assert isinstance(person.outcome, Asked)
    person.clicks("C'était sûr")
    assert [review.question for review in person.reviews] == ["B7"]
    assert person.sees("Question A2?")


def test_when_every_question_is_gone_the_session_ends_kindly():
    person = Learner(THREE, "A1")
    person.content_becomes(quiz(question("Z1")))
    assert person.sees("ont été retirées")
    assert not person.labels


def test_an_answer_whose_option_is_gone_is_asked_again():
    person = Learner(THREE, "A1")
    person.clicks("Faux A1")
    other = question("A1")
    other = other.model_copy(update={"options": tuple(one for one in other.options if one.id != "bad")})
    person.content_becomes(quiz(other))
    assert person.sees("Question A1?")
    person.clicks("Juste A1")
    person.clicks("C'était sûr")
    assert person.reviews == [Reviewed("A1", True, True)]


def test_an_abandoned_session_still_counts_the_answer_that_was_given():
    person = Learner(THREE, "A1", "A2")
    person.clicks("Faux A1")
    assert settled(person.session) == (Reviewed("A1", False, None),)
    person.clicks("C'était sûr")
    assert settled(person.session) == ()


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 9), max_size=40), st.sampled_from(["fr-CA", "fr-FR", "en"]))
def test_any_order_of_clicks_and_messages_leaves_a_way_on(moves: list[int], locale: Locale):
    """Would catch a card without a control before the end, and an answer counted twice."""
    person, old = Learner(THREE, "A1", "A2", "A3", locale=locale), []
    for move in moves:
        options = list(person.card.options())
        old += [option.ref for option in options]
        match move:
            case 0 | 1 | 2:
                person.sends(options[move % len(options)].ref if options else None)
            case 3:
                person.sends(old[0] if old else None)
            case 4:
                person.sends(old[len(old) // 2] if old else None)
            case 5:
                person.types("b")
            case 6:
                person.types("stop")
            case 7:
                person.types("sure")
            case 8:
                person.types("¿")
            case _:
                person.sends(None)
        if person.session.turn() is not None:
            assert list(person.card.options())
        assert person.card.plain()
    assert len({review.question for review in person.reviews}) == len(person.reviews)
    while person.session.turn() is not None:
        person.sends(next(person.card.options()).ref)
    assert len(person.reviews) == 3
    assert person.session.score()[1] == 3


def test_every_question_of_the_pack_can_be_shown_answered_and_explained():
    """Would catch an option too long for its button, or a question without a right answer."""
    for one in quizzes():
        for asked in one.questions:
            for locale in ("fr-CA", "fr-FR", "en"):
                person = Learner(one, asked.id, locale=locale)
                assert all(len(label) <= 75 for label in person.labels)
                right = next(option for option in asked.options if option.right)
                person.types(right.label.say(locale))
                assert person.session.score() == (1, 1), (asked.id, locale)
                assert asked.because.say(locale) in person.card.plain()
