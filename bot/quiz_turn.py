"""A turn of a quiz: draw a session, take the taps, keep what the person remembers."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from bot.desk import Desk
from bot.store import learning, runs
from bot.store.runs import Run
from dialogs import quiz
from dialogs.activity import Submission
from dialogs.calendar import local_moment
from dialogs.interview import text_card
from dialogs.outcome import Asked, Effect, Finished, Given, Outcome, Rejected, Stale, Stopped
from dialogs.quiz_cards import rest_card
from dialogs.quiz_effects import Reviewed
from dialogs.quiz_memory import after_review
from dialogs.quiz_session import Sitting, memory_of, session
from dialogs.quiz_state import QuizSession, settled
from dialogs.schema import Quiz


async def begin(desk: Desk) -> None:
    """Go on with the open session, or draw a new one; say why there is none and when there will be."""
    chosen = for_person(desk)
    if chosen is None:
        await desk.say(text_card(desk.speech, "quiz_none"))
        return
    run = await runs.unfinished(desk.connection, desk.tenant, desk.person.id, "quiz", chosen.quiz)
    if run is None:
        sitting = await draw(desk, chosen)
        if not sitting.questions:
            await desk.say(rest_card(sitting, desk.speech))
            return
        subject = {"questions": list(sitting.questions)}
        run = await runs.start(
            desk.connection, desk.tenant, "quiz", chosen.quiz, desk.person.id, desk.now, subject
        )
    await _go_on(desk, run)
    await desk.say(quiz.ask(_state(chosen, run), desk.speech))


def for_person(desk: Desk) -> Quiz | None:
    """The first quiz of the pack that is for the person's function."""
    return next(
        (
            one
            for one in desk.pack.quizzes.values()
            if "all" in one.audience or desk.person.function in one.audience
        ),
        None,
    )


async def draw(desk: Desk, chosen: Quiz) -> Sitting:
    """The questions that are due for the person today."""
    zone = ZoneInfo(desk.person.zone)
    today = desk.now.astimezone(zone).date()
    monday = local_moment(today - timedelta(days=today.weekday()), datetime.min.time(), zone)
    known = await learning.memories(desk.connection, desk.tenant, desk.person.id)
    begun = await learning.sessions_since(desk.connection, desk.tenant, desk.person.id, monday)
    return session(
        chosen,
        known,
        desk.now.astimezone(zone),
        f"{desk.person.id}:{today}",
        begun,
        desk.company.goes_live_on,
    )


async def submitted(desk: Desk, run: Run, submission: Submission) -> None:
    """Take a tap."""
    chosen = desk.pack.quizzes.get(run.dialog)
    if chosen is None:
        desk.toast(desk.speech("stale"))
        return
    await _go_on(desk, run)
    await _apply(desk, run, chosen, quiz.submit(_state(chosen, run), submission, desk.speech))


async def typed(desk: Desk, run: Run, text: str) -> None:
    """Take a typed letter or word."""
    chosen = desk.pack.quizzes.get(run.dialog)
    if chosen is not None:
        await _apply(desk, run, chosen, quiz.type_in(_state(chosen, run), text, desk.speech))


async def _go_on(desk: Desk, run: Run) -> None:
    """Any tap takes up a session that was stopped."""
    if run.status == "paused":
        await runs.change(desk.connection, desk.tenant, run.id, status="open")


async def _apply(desk: Desk, run: Run, chosen: Quiz, outcome: Outcome) -> None:
    match outcome:
        case Rejected(_, card):
            await desk.say(card)
        case Stale(note, card):
            desk.toast(note)
            if not _still_asked(desk, run, chosen):
                await desk.replace(card)
        case Asked(card, answered, effects) | Finished(card, answered, effects):
            await _store(desk, run, chosen, effects, finished=isinstance(outcome, Finished))
            if answered is not None and (desk.activity.message is not None or desk.activity.inline):
                await desk.replace(answered)
            await desk.say(card)
        case _:
            assert_never(outcome)


def _still_asked(desk: Desk, run: Run, chosen: Quiz) -> bool:
    ref = desk.activity.submission.ref if desk.activity.submission else None
    name = ref.step.rpartition(".")[0] if ref else ""
    return name == "useful" or any(name == asked for asked, _ in _state(chosen, run).asked())


async def _store(desk: Desk, run: Run, chosen: Quiz, effects: tuple[Effect, ...], *, finished: bool) -> None:
    given = tuple(effect for effect in effects if isinstance(effect, Given))
    if any(isinstance(effect, Stopped) for effect in effects):
        await runs.change(desk.connection, desk.tenant, run.id, status="paused")
    if not given:
        return
    await runs.append(desk.connection, desk.tenant, run, given, desk.now)
    reviewed = [effect for effect in effects if isinstance(effect, Reviewed)]
    if finished:
        reviewed += settled(replace(_state(chosen, run), given=(*run.given, *given)))
        await runs.change(desk.connection, desk.tenant, run.id, status="finished", ended_at=desk.now)
    for done in reviewed:
        await _remember(desk, run, chosen, done)


async def _remember(desk: Desk, run: Run, chosen: Quiz, done: Reviewed) -> None:
    if not await learning.attempted(desk.connection, desk.tenant, run.id, desk.person.id, done, desk.now):
        return
    question = next(one for one in chosen.questions if one.id == done.question)
    known = await learning.memories(desk.connection, desk.tenant, desk.person.id)
    moment = desk.local(desk.now)
    fresh = after_review(
        memory_of(question, known),
        correct=done.correct,
        sure=done.sure,
        retention=question.retention,
        now=moment,
    )
    await learning.keep(desk.connection, desk.tenant, desk.person.id, question.id, fresh)


def _state(chosen: Quiz, run: Run) -> QuizSession:
    return QuizSession(run.id, chosen, tuple(run.subject["questions"]), run.given)
