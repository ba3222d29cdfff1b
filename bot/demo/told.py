"""What a move of the clock brought about, in a few lines: who got what, and why others got nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from bot.campaigns import Plan, Skipped
from bot.demo.company import CHANNEL, CHANNEL_TITLE, PERSONAS, Member
from bot.launches import NotNow
from dialogs.nudge import Quiet
from dialogs.speech import Speech

MOST = 9
OBVIOUS = (NotNow.NOT_AUDIENCE, NotNow.NOT_OPEN, Quiet.CLOSED)
"""Reasons that explain nothing to a visitor."""


def lines(plans: Sequence[Plan], everybody: Mapping[str, Member], speech: Speech) -> tuple[str, ...]:
    """At most nine sentences: what the people to choose from got, what all others got, then why not more."""
    return tuple(
        [*_got(plans, everybody, speech), *_none(plans[-1] if plans else Plan(), everybody, speech)][:MOST]
    )


def _got(plans: Sequence[Plan], everybody: Mapping[str, Member], speech: Speech) -> Iterator[str]:
    others: Counter[str] = Counter()
    seen: set[tuple[str, str]] = set()
    for planned in (one for plan in plans for one in plan.messages if not one.late):
        if planned.person not in PERSONAS and planned.person != CHANNEL:
            others[planned.feature] += 1
        elif (planned.person, planned.feature) not in seen:
            seen.add((planned.person, planned.feature))
            if planned.feature == "quiz":  # everybody gets one: the count below says it
                others["quiz"] += 1
                continue
            yield _line(
                speech, _name(planned.person, everybody, speech), speech(f"demo.got.{planned.feature}")
            )
    for feature, count in others.items():
        yield _line(speech, speech("demo.who", n=count), speech(f"demo.got.{feature}"))


def _none(plan: Plan, everybody: Mapping[str, Member], speech: Speech) -> Iterator[str]:
    """From the last stop of the clock: the commonest reasons, told of one person by name or of many by count."""
    whose: dict[tuple[str, str], list[Skipped]] = {}
    for one in plan.skipped:
        if one.reason not in OBVIOUS:
            same = whose.setdefault((one.feature, one.reason), [])
            if all(other.person != one.person for other in same):
                same.append(one)
    for (feature, reason), skipped in sorted(whose.items(), key=lambda each: -len(each[1])):
        known = [one.person for one in skipped if one.person in everybody or one.person == CHANNEL]
        many = len(skipped) > 1
        name = (
            speech("demo.who", n=len(skipped))
            if many
            else _name(known[0], everybody, speech)
            if known
            else ""
        )
        if name:
            yield _line(speech, name, speech(f"demo.none.{feature}", why=speech(reason)))


def _name(person: str, everybody: Mapping[str, Member], speech: Speech) -> str:
    if person == CHANNEL:
        return CHANNEL_TITLE.say(speech.locale)
    member = everybody.get(person)
    return member.name(speech.locale) if member else person


def _line(speech: Speech, name: str, what: str) -> str:
    return speech("demo.line", name=name, what=what)
