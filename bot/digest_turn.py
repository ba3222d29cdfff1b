"""Turns about the weekly summary: read it again, ask what a figure means, say whether it helped."""

from zoneinfo import ZoneInfo

from bot import access, calendars, reports
from bot.desk import Desk
from dialogs.card import Card
from dialogs.digest import DEFINITIONS, FEEDBACK, USEFUL, definitions_card, digest_card
from dialogs.interview import text_card
from dialogs.ref import Ref
from dialogs.schema import Digest


async def show(desk: Desk) -> None:
    """The latest summary; before the first one, when it comes; for those who lead, a preview."""
    digest = digest_of(desk)
    found = await reports.latest(desk.connection, desk.tenant, desk.pack)
    this_week = reports.week_id(desk.now, ZoneInfo(desk.company.zone))
    if access.previews(desk.person) and (found is None or found[0].id != this_week):
        week = await reports.measured(desk.connection, desk.tenant, desk.pack, desk.company, desk.now)
        earlier = await reports.month_before(desk.connection, desk.tenant, desk.pack, week)
        card = digest_card(digest, week, found[0] if found else None, desk.speech, earlier)
        note = desk.speech.text("digest_preview", "quiet", date=_next_day(desk, digest))
        await desk.say(Card(card.title, (note, *card.blocks[:-1]), card.locale))
    elif found is None:
        await desk.say(text_card(desk.speech, "digest_none", date=_next_day(desk, digest)))
    else:
        earlier = await reports.month_before(desk.connection, desk.tenant, desk.pack, found[0])
        await desk.say(digest_card(digest, found[0], found[1], desk.speech, earlier))


async def pressed(desk: Desk, ref: Ref) -> None:
    """Take a button of a summary."""
    if ref.step == DEFINITIONS:
        await desk.say(definitions_card(digest_of(desk), desk.speech))
    elif (
        ref.step == FEEDBACK
        and await reports.latest(desk.connection, desk.tenant, desk.pack, ref.subject) is not None
    ):
        await reports.rate(
            desk.connection,
            desk.tenant,
            ref.subject,
            desk.person.id,
            useful=ref.choice == USEFUL,
            now=desk.now,
        )
        desk.toast(desk.speech("digest_thanks"))
    else:
        desk.toast(desk.speech("unknown_control"))


def digest_of(desk: Desk) -> Digest:
    """The weekly summary of the pack."""
    return next(iter(desk.pack.digests.values()))


def _next_day(desk: Desk, digest: Digest) -> str:
    zone = ZoneInfo(desk.company.zone)
    at = calendars.next_weekly(desk.now, digest.day, digest.at, zone, desk.company.region)
    return desk.speech("date", date=at.astimezone(zone).date())
