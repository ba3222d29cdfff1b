"""Turns in which a lead starts a dialog for others, or welcomes a champion."""

from bot import access, project
from bot.desk import Desk
from bot.store import events, invitations, people
from bot.store.people import Person
from dialogs.card import Card, Choice
from dialogs.interview import text_card
from dialogs.ref import Ref

LAUNCH_WORDS = {"lancer", "launch", "start", "inviter", "invite"}


async def launch(desk: Desk, rest: str) -> None:
    """`impact launch [function]`: say how many people it concerns, and ask before anything goes out."""
    words = rest.split()
    if words[0] not in LAUNCH_WORDS or not access.may_launch(desk.person):
        await desk.say(text_card(desk.speech, "launch_refused"))
        return
    code = words[1].upper() if len(words) > 1 else ""
    if code and code not in desk.pack.functions:
        await desk.say(
            text_card(desk.speech, "launch_unknown", word=words[1][:20], codes=", ".join(desk.pack.functions))
        )
        return
    invited = await _audience(desk, code)
    if not invited:
        await desk.say(text_card(desk.speech, "launch_nobody"))
        return
    who = desk.pack.functions[code].label.say(desk.person.locale) if code else desk.speech("launch_everybody")
    text = desk.speech.text("launch_ask", n=len(invited), who=who, project=desk.project)
    go = desk.speech.option("launch_go", Ref("do", f"launch:{code or 'all'}"), "primary")
    await desk.say(Card(text.plain, (text, Choice((go,))), desk.person.locale))


async def confirmed(desk: Desk, ref: Ref) -> None:
    """The lead said yes: note the invitations; the ticker sends each at a good hour."""
    if not access.may_launch(desk.person):
        desk.toast(desk.speech("launch_refused"))
        return
    code = ref.subject.removeprefix("launch:")
    everybody = await _members(desk, "" if code == "all" else code)
    fresh = 0
    for person in everybody:
        fresh += await invitations.ask_for(desk.connection, desk.tenant, _campaign(desk), person.id, desk.now)
    await events.audit(desk.connection, desk.tenant, desk.person.id, "launched impact", code, desk.now)
    await desk.replace(text_card(desk.speech, "launched", n=fresh, already=len(everybody) - fresh))


async def accept_champion(desk: Desk, person_id: str) -> None:
    """The change lead takes somebody into the network of champions."""
    other = await desk.words_for(person_id)
    if not desk.person.has("change_lead", "project_lead") or other is None:
        desk.toast(desk.speech("not_yours"))
        return
    person, speech = other
    await people.grant(desk.connection, desk.tenant, person.id, "champion", person.function or "")
    await events.audit(desk.connection, desk.tenant, desk.person.id, "champion accepted", person.id, desk.now)
    await desk.tell(
        person.id,
        text_card(speech, "champion_welcome", project=desk.pack.head.project.say(person.locale)),
        "champion",
        f"champion-welcome:{person.id}",
    )
    await desk.replace(text_card(desk.speech, "champion_accepted", name=person.name))


async def _audience(desk: Desk, code: str) -> list[Person]:
    known = await invitations.invited(desk.connection, desk.tenant, _campaign(desk))
    return [person for person in await _members(desk, code) if person.id not in known]


async def _members(desk: Desk, code: str) -> list[Person]:
    found = await people.people(desk.connection, desk.tenant)
    return [
        person
        for person in found
        if person.function in desk.company.in_scope and (not code or person.function == code)
    ]


def _campaign(desk: Desk) -> str:
    return project.campaign_of(desk.pack, project.interview_of(desk.pack))
