"""`embarque render`: every card of every content item as the platform takes it, a file each."""

import asyncio
from pathlib import Path

import orjson
import typer

from bot.commands.gallery import gallery
from bot.commands.platforms import RENDERS
from bot.commands.setup import library
from bot.commands.words import locale, refuse, speech


def render(platform: str, lang: str, out: Path, content: Path | None) -> None:
    """Write `<kind>.<id>.<step>.<surface>.json` for every card; end with code 1 when one cannot be drawn."""
    say = speech()
    draw = RENDERS.get(platform.lower())
    if draw is None:
        refuse(say("cli.render.platform", given=platform[:40], known=", ".join(RENDERS)))
    shown, broken = asyncio.run(gallery(library(content, say).catalog, locale(lang)))
    try:
        out.mkdir(parents=True, exist_ok=True)
        written = 0
        for one in shown:
            for surface, name in one.names():
                payload = draw(one.card, surface).payload
                (out / name).write_bytes(orjson.dumps(payload, option=orjson.OPT_INDENT_2))
                written += 1
    except OSError as error:
        refuse(say("cli.render.unwritable", path=str(out), reason=error.strerror or ""))
    typer.echo(
        say("cli.render.written", n=written, path=str(out), platform=platform.lower(), locale=locale(lang))
    )
    if broken:
        refuse(
            *(
                say("cli.check.undrawable", card=f"{one.kind} {one.id}", locale=lang, cause=one.cause)
                for one in broken
            )
        )
