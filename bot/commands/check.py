"""`embarque check`: every mistake of the content, and every card drawn everywhere without loss."""

import asyncio
import json
from collections import Counter
from pathlib import Path

import typer

from bot.commands.gallery import gallery
from bot.commands.platforms import RENDERS
from bot.commands.words import refuse, speech
from bot.library import BUILT_IN, files_of
from dialogs.catalog import Catalog, ContentError, catalog, json_schema
from dialogs.speech import Speech
from dialogs.text import LOCALES

MOST_TOLD = 40
"""A fault in a word that every card bears would fill the screen: the rest is counted."""


def check(path: Path | None, lang: str | None, *, write_schema: bool = False) -> None:
    """Check the content below a folder, or the part of it that `path` is; end with code 1 on any mistake."""
    say = speech(lang)
    if write_schema:
        typer.echo(say("cli.check.schema", path=str(write(path or BUILT_IN))))
        return
    given = path or BUILT_IN
    if not given.exists():
        refuse(say("cli.no_folder", path=str(given)))
    root = root_of(given)
    below = "" if given == root else given.relative_to(root).as_posix()
    try:
        files = files_of(root)
    except OSError as error:
        refuse(say("cli.check.unreadable", path=str(error.filename), reason=error.strerror or ""))
    try:
        content = catalog(files)
    except ContentError as error:
        mine = [one for one in error.mistakes if one.file.startswith(below)]
        for mistake in mine:
            typer.echo(f"{root}/{mistake.tell(say.locale)}")
        refuse(
            say("cli.check.mistakes", n=len(error.mistakes), files=len({one.file for one in error.mistakes}))
        )
    lost = asyncio.run(_losses(content, say))
    for line in lost[:MOST_TOLD]:
        typer.echo(line)
    if lost:
        refuse(say("cli.check.lost", n=len(lost)))
    typer.echo(say("cli.check.fine", files=len(files), packs=", ".join(content.packs), path=str(root)))


def root_of(given: Path) -> Path:
    """The content folder that a folder or file belongs to: the nearest one above it that holds ui.yaml."""
    return next((one for one in (given, *given.parents) if (one / "ui.yaml").is_file()), given)


def write(root: Path) -> Path:
    """Write the schema beside the content, for completion in editors."""
    target = root / "schema.json"
    target.write_text(schema_text(), "utf-8")
    return target


def schema_text() -> str:
    """The JSON Schema of content files as the file holds it."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


async def _losses(content: Catalog, say: Speech) -> list[str]:
    lost: list[str] = []
    counts: Counter[str] = Counter()
    for locale in LOCALES:
        shown, broken = await gallery(content, locale)
        lost += [
            say("cli.check.undrawable", card=f"{one.kind} {one.id}", locale=locale, cause=one.cause)
            for one in broken
        ]
        for one in shown:
            counts[one.kind] += 1
            for platform, render in RENDERS.items():
                for surface, _ in one.names():
                    card = f"{one.kind} {one.id} {one.step}"
                    where = f"{platform} {surface}"
                    lost += [
                        say("cli.check.loss", card=card, where=where, locale=locale, what=what)
                        for what in render(one.card, surface).downgrades
                    ]
    for kind, count in sorted(counts.items()):
        typer.echo(say("cli.check.count", kind=kind, n=count // len(LOCALES)))
    typer.echo(
        say(
            "cli.check.drawn",
            n=sum(counts.values()),
            locales=", ".join(LOCALES),
            platforms=", ".join(RENDERS),
        )
    )
    return lost
