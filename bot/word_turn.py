"""Turns that are not a dialog: the commands, the welcome, and buttons that stand for a command."""

from typing import assert_never

from adapters.base import Destination
from bot import access, dialog_turn, digest_turn, item_turn, launch_turn, project, quiz_turn, settings_turn
from bot.desk import Desk
from bot.store import people
from bot.store.deliveries import Delivery
from dialogs.card import Card, Choice
from dialogs.commands import ALIASES, Command, understand
from dialogs.interview import STOP_WORDS, text_card
from dialogs.ref import Ref
from dialogs.text import Locale
from dialogs.words import folded

MENU = (Command.IMPACT, Command.READY, Command.QUIZ, Command.DIGEST)
ASKED_FIRST = 2
"""How many people a refusal names."""


async def welcome(desk: Desk) -> None:
    """Greet somebody who has just met the bot; once for each platform."""
    place, activity = desk.activity.place, desk.activity
    to = Destination(activity.tenant, activity.actor, "" if place.shared else place.conversation, place.route)
    key = f"welcome:{desk.person.id}:{activity.platform}"
    card = help_card(desk, owns=await item_turn.owns_any(desk))
    await desk.write(Delivery(key, activity.platform, to, card, desk.now, person=desk.person.id))


async def command(desk: Desk, text: str) -> None:
    """Do what the words ask for; an unknown word gets the nearest one and the list."""
    if desk.activity.place.shared:
        desk.toast(desk.speech("in_private"))
    said = understand(text)
    if said.command is not None:
        await run_command(desk, said.command, said.rest)
    elif folded(text) in STOP_WORDS:
        await settings_turn.pause(desk, "")
    else:
        await desk.say(_unknown(desk, text, said.near, owns=await item_turn.owns_any(desk)))


async def run_command(desk: Desk, asked: Command, rest: str) -> None:
    """Do one command, if the person may."""
    owns = await item_turn.owns_any(desk) if asked in {Command.READY, Command.HELP} else False
    if not access.may(desk.person, asked) and not owns:
        await desk.say(await _refusal(desk, asked))
        return
    match asked:
        case Command.IMPACT:
            await (
                launch_turn.launch(desk, rest)
                if rest
                else dialog_turn.begin(desk, project.interview_of(desk.pack))
            )
        case Command.READY:
            await item_turn.show(desk)
        case Command.QUIZ:
            await quiz_turn.begin(desk)
        case Command.DIGEST:
            await digest_turn.show(desk)
        case Command.HELP:
            await desk.say(help_card(desk, owns=owns))
        case Command.PAUSE:
            await settings_turn.pause(desk, rest)
        case Command.LANG:
            await settings_turn.language(desk, rest)
        case _:
            assert_never(asked)


async def pressed(desk: Desk, ref: Ref) -> None:
    """Take a button that stands for a command, or one of the weekly summary."""
    if ref.topic == "digest":
        await digest_turn.pressed(desk, ref)
    elif ref.subject.startswith("champion:"):
        await launch_turn.accept_champion(desk, ref.subject.removeprefix("champion:"))
    elif ref.subject.startswith("launch:"):
        await launch_turn.confirmed(desk, ref)
    elif ref.subject in set(Command):
        await run_command(desk, Command(ref.subject), ref.step)
    else:
        desk.toast(desk.speech("unknown_control"))


def help_card(desk: Desk, *, owns: bool) -> Card:
    """What the bot can do for this person, with a button for each and the words to type.

    owns: the person owns an item, so that the list of items is for them too.
    """
    speech, locale = desk.speech, desk.person.locale
    hello = speech.text("help_hello", hello=desk.hello(), project=desk.project)
    shown = [one for one in Command if access.may(desk.person, one) or (owns and one is Command.READY)]
    lines = [speech.text(f"help_{one.value}", word=word_for(one, locale)) for one in shown]
    if access.may_launch(desk.person):
        lines.append(speech.text("help_launch", word=word_for(Command.IMPACT, locale)))
    menu = Choice(
        tuple(speech.option(f"menu_{one.value}", Ref("do", one.value)) for one in MENU if one in shown)
    )
    return Card(hello.plain, (hello, menu, *lines, speech.text("help_bot", "quiet")), locale)


def word_for(asked: Command, locale: Locale) -> str:
    """The command's word in the reader's language."""
    return ALIASES[asked][1 if locale == "en" else 0]


def _unknown(desk: Desk, text: str, near: str | None, *, owns: bool) -> Card:
    first = text.strip().removeprefix("/embarque").split()[:1]
    word = first[0][:40] if first else ""
    note = (
        desk.speech.text("unknown_near", word=word, near=near)
        if near
        else desk.speech.text("unknown_word", word=word)
    )
    return Card(note.plain, (note, *help_card(desk, owns=owns).blocks[1:]), desk.person.locale)


async def _refusal(desk: Desk, asked: Command) -> Card:
    """A kind no that says who can."""
    names: dict[str, None] = {}
    for role in ("project_lead", "change_lead"):
        for holder in await people.holders(desk.connection, desk.tenant, role):
            person = await people.person(desk.connection, desk.tenant, holder)
            if person is not None:
                names[person.name] = None
    if not names:
        return text_card(desk.speech, "refused_nobody")
    who = desk.speech("or").join(list(names)[:ASKED_FIRST])
    return text_card(desk.speech, "refused", command=word_for(asked, desk.person.locale), who=who)
