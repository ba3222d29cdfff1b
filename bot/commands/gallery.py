"""Everything that the bot can show, drawn by the functions that draw it in earnest, with sample states."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.commands.exhibit import Exhibit, each_once
from bot.commands.gallery_dialogs import dialog_cards
from bot.commands.gallery_digests import digest_cards_of
from bot.commands.gallery_items import item_cards_of
from bot.commands.gallery_quizzes import quiz_cards_of
from bot.commands.gallery_turns import turn_cards
from dialogs.catalog import Catalog, Pack
from dialogs.speech import Speech
from dialogs.text import Locale


@dataclass(frozen=True, slots=True)
class Undrawable:
    """Content whose cards cannot be drawn although its files are sound. cause: in the program's words."""

    kind: str
    id: str
    cause: str


async def gallery(catalog: Catalog, locale: Locale) -> tuple[tuple[Exhibit, ...], tuple[Undrawable, ...]]:
    """Every card of every content item in one language, each once; and what could not be drawn."""
    shown: list[Exhibit] = []
    broken: list[Undrawable] = []
    speech = Speech(catalog.ui, locale)
    for name, pack in catalog.packs.items():
        of_pack: list[Exhibit] = []
        for kind, id_, drawing in _drawings(pack, speech):
            try:
                of_pack += drawing
            except Exception as error:  # noqa: BLE001 - whatever breaks must be told with its place, not end the rest
                broken.append(Undrawable(kind, id_, f"{type(error).__name__}: {error}"))
        try:
            of_pack += await turn_cards(catalog, name, locale)
        except Exception as error:  # noqa: BLE001
            broken.append(Undrawable("bot", name, f"{type(error).__name__}: {error}"))
        alone = len(catalog.packs) == 1
        shown += [one if alone else replace(one, id=f"{name}-{one.id}") for one in of_pack]
    return tuple(each_once(shown)), tuple(broken)


def _drawings(pack: Pack, speech: Speech) -> Iterator[tuple[str, str, Iterator[Exhibit]]]:
    for dialog in pack.dialogs.values():
        yield "dialog", dialog.dialog, dialog_cards(pack, dialog, speech)
    for quiz in pack.quizzes.values():
        yield "quiz", quiz.quiz, quiz_cards_of(quiz, speech)
    for digest in pack.digests.values():
        yield "digest", digest.digest, digest_cards_of(pack, digest, speech)
    yield "checklist", next(iter(pack.checklists), "-"), item_cards_of(pack, speech)
