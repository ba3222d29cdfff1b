"""Turns in which a person sets how the bot behaves with them: pause and language."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot import calendars
from bot.desk import Desk
from bot.store import events, people
from dialogs.calendar import local_moment
from dialogs.card import Card, Choice
from dialogs.commands import Command
from dialogs.interview import text_card
from dialogs.ref import Ref
from dialogs.speech import Speech
from dialogs.text import LOCALES, Locale

LANGUAGES: dict[str, Locale] = {
    "fr": "fr-CA",
    "fr-ca": "fr-CA",
    "fr-fr": "fr-FR",
    "en": "en",
    "francais": "fr-CA",
    "french": "fr-CA",
    "english": "en",
    "anglais": "en",
}
PAUSES = {"pause_tomorrow": 1, "pause_week": 7, "pause_month": 28}
OVER = frozenset({"fin", "off", "reprendre", "resume", "end"})
LONGEST_DAYS = 99


async def pause(desk: Desk, rest: str) -> None:
    """`pause`: ask until when; `pause 5`: five days; `pause off`: the pause is over. Obeyed at once."""
    if rest in OVER:
        await people.change(desk.connection, desk.tenant, desk.person.id, paused_until=None)
        await _answer(desk, text_card(desk.speech, "pause_over"))
        return
    first = rest.split(maxsplit=1)[0] if rest else ""
    days = PAUSES.get(first, int(first) if first.isdecimal() and int(first) <= LONGEST_DAYS else 0)
    if days < 1:
        await _answer(desk, _until_when(desk))
        return
    until = _morning_after(desk, days)
    await people.change(desk.connection, desk.tenant, desk.person.id, paused_until=until)
    await events.audit(desk.connection, desk.tenant, desk.person.id, "paused", str(days), desk.now)
    text = desk.speech.text("paused", until=desk.speech("moment", at=desk.local(until)))
    end = Choice((desk.speech.option("pause_end", Ref("do", Command.PAUSE, "off")),))
    await _answer(desk, Card(text.plain, (text, end), desk.person.locale))


async def language(desk: Desk, rest: str) -> None:
    """`lang`: ask which; `lang en`: change it. Answers given so far stay."""
    wanted = LANGUAGES.get(rest.split(maxsplit=1)[0] if rest else "")
    if wanted is None:
        text = desk.speech.text("lang_ask")
        taps = tuple(
            desk.speech.option(f"lang_{one.lower().replace('-', '_')}", Ref("do", Command.LANG, one.lower()))
            for one in LOCALES
        )
        await _answer(desk, Card(text.plain, (text, Choice(taps)), desk.person.locale))
        return
    await people.change(desk.connection, desk.tenant, desk.person.id, locale=wanted)
    await _answer(desk, text_card(Speech(desk.ui, wanted), "lang_done"))


def _until_when(desk: Desk) -> Card:
    speech, until = desk.speech, desk.person.paused_until
    taps = tuple(speech.option(key, Ref("do", Command.PAUSE, key)) for key in PAUSES)
    if until is None or until <= desk.now:
        text = speech.text("pause_ask")
    else:
        text = speech.text("pause_until_now", until=speech("moment", at=desk.local(until)))
        taps = (*taps, speech.option("pause_end", Ref("do", Command.PAUSE, "off"), "primary"))
    return Card(text.plain, (text, Choice(taps)), desk.person.locale)


def _morning_after(desk: Desk, days: int) -> datetime:
    zone = ZoneInfo(desk.person.zone)
    today = desk.now.astimezone(zone).date()
    day = calendars.workdays(desk.person.region, today.year).next(today + timedelta(days=days))
    return local_moment(day, time(8, 30), zone)


async def _answer(desk: Desk, card: Card) -> None:
    """Where a button was pressed its message changes; otherwise a new one is said."""
    await (desk.replace(card) if desk.activity.submission is not None else desk.say(card))
