"""A person in front of a quiz: clicks, types and sees, with the rows and effects that a turn would store."""

from dialogs.activity import Submission
from dialogs.card import Card
from dialogs.outcome import Asked, Finished, Given, Outcome, Rejected, Stale
from dialogs.quiz import ask, submit, type_in
from dialogs.quiz_effects import Reviewed
from dialogs.quiz_state import QuizSession
from dialogs.ref import Ref
from dialogs.schema import Question, Quiz
from dialogs.text import Locale
from tests.dialogs.spoken import said, speech


def question(
    name: str, *, tags: tuple[str, ...] = ("chain",), difficulty: int = 1, was: str | None = None
) -> Question:
    options = [
        {"id": "good", "right": True, "label": said(f"Juste {name}", f"Good {name}")},
        {"id": "bad", "label": said(f"Faux {name}", f"Bad {name}")},
        {"id": "worse", "label": said(f"Pire {name}", f"Worse {name}")},
    ]
    return Question.model_validate(
        {
            "id": name,
            "difficulty": difficulty,
            "tags": tags,
            "ask": said(f"Question {name}?", f"Question {name}, in English?"),
            "options": options,
            "because": said(f"Parce que {name}", f"Because {name}"),
            "was": was,
        }
    )


def quiz(*questions: Question) -> Quiz:
    return Quiz(
        quiz="basics", version=1, title=said("Les bases", "Basics"), audience=("all",), questions=questions
    )


class Learner:
    def __init__(self, quiz: Quiz, *names: str, run: str = "r1", locale: Locale = "fr-CA") -> None:
        self.session = QuizSession(run, quiz, names)
        self.speech = speech(locale)
        self.card: Card = ask(self.session, self.speech)
        self.before: Card | None = None
        self.outcome: Outcome | None = None
        self.reviews: list[Reviewed] = []

    def clicks(self, label: str) -> None:
        self.sends(
            next(
                one.ref
                for one in self.card.options()
                if one.label == label or one.label.endswith(f". {label}")
            )
        )

    def sends(self, ref: Ref | None) -> None:
        self._take(submit(self.session, Submission(ref), self.speech))

    def types(self, text: str) -> None:
        self._take(type_in(self.session, text, self.speech))

    def content_becomes(self, quiz: Quiz) -> None:
        self.session = QuizSession(self.session.run, quiz, self.session.questions, self.session.given)
        self.card = ask(self.session, self.speech)

    def sees(self, text: str) -> bool:
        return text in self.card.plain().replace("\u00a0", " ")

    @property
    def labels(self) -> list[str]:
        return [one.label for one in self.card.options()]

    def _take(self, outcome: Outcome) -> None:
        self.outcome, self.card = outcome, outcome.card
        if isinstance(outcome, Asked | Finished):
            self.before = outcome.answered
            rows = tuple(one for one in outcome.effects if isinstance(one, Given))
            self.reviews += [one for one in outcome.effects if isinstance(one, Reviewed)]
            self.session = QuizSession(
                self.session.run, self.session.quiz, self.session.questions, (*self.session.given, *rows)
            )
        else:
            assert isinstance(outcome, Rejected | Stale)
