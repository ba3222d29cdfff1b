"""The command line: what can be asked for. Each command's work is in `bot/commands`, imported when it is used."""

import gc
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.words import helps

COLLECT_AFTER = 20_000
"""New objects until the collector looks for circles: at its usual 700 it takes a fifth of every start, for nothing."""

app = typer.Typer(
    name="embarque",
    help=helps("app"),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
people = typer.Typer(help=helps("people"), no_args_is_help=True, rich_markup_mode=None)
app.add_typer(people, name="people")
deliveries = typer.Typer(help=helps("deliveries"), no_args_is_help=True, rich_markup_mode=None)
app.add_typer(deliveries, name="deliveries")
manifest = typer.Typer(help=helps("manifest"), no_args_is_help=True, rich_markup_mode=None)
app.add_typer(manifest, name="manifest")

Lang = Annotated[str | None, typer.Option("--lang", help=helps("lang"), metavar="fr|en|fr-FR")]
Content = Annotated[Path | None, typer.Option("--content", envvar="EMBARQUE_CONTENT", help=helps("content"))]
Locale = Annotated[str, typer.Option("--lang", help=helps("lang"), metavar="fr|en|fr-FR")]
DryRun = Annotated[bool, typer.Option("--dry-run", help=helps("dry_run"))]


@app.command(help=helps("run"))
def run(
    *,
    dev: Annotated[bool, typer.Option("--dev", help=helps("dev"))] = False,
    web: Annotated[bool, typer.Option("--web", help=helps("web"))] = False,
) -> None:
    """Run the bot."""
    from bot.commands.run import run as work  # noqa: PLC0415 - here and below: import what is used

    work(dev=dev, web_chat=web)


@app.command(help=helps("demo"))
def demo(
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help=helps("port"))] = 8080,
    reset: Annotated[bool, typer.Option("--reset", help=helps("reset"))] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help=helps("no_browser"))] = False,
) -> None:
    """Run the demo company."""
    from bot.commands.run import demo as work  # noqa: PLC0415

    work(port, reset=reset, browser=not no_browser)


@app.command(help=helps("check"))
def check(
    path: Annotated[Path | None, typer.Argument(envvar="EMBARQUE_CONTENT", help=helps("check_path"))] = None,
    lang: Lang = None,
    *,
    write_schema: Annotated[bool, typer.Option("--write-schema", help=helps("write_schema"))] = False,
) -> None:
    """Check the content."""
    from bot.commands.check import check as work  # noqa: PLC0415

    work(path, lang, write_schema=write_schema)


@app.command(help=helps("render"))
def render(
    platform: Annotated[str, typer.Option(help=helps("platform"), metavar="slack|teams|web")],
    out: Annotated[Path, typer.Option(help=helps("out"), file_okay=False)],
    lang: Locale = "fr",
    content: Content = None,
) -> None:
    """Draw every card into files."""
    from bot.commands.render import render as work  # noqa: PLC0415

    work(platform, lang, out, content)


@app.command(help=helps("play"))
def play(
    name: Annotated[str, typer.Argument(metavar="ID", help=helps("play_id"))],
    lang: Locale = "fr",
    content: Content = None,
) -> None:
    """Play a dialog or quiz."""
    from bot.commands.play import play as work  # noqa: PLC0415

    work(name, lang, content)


@app.command(help=helps("tick"))
def tick(
    at: Annotated[str, typer.Option(help=helps("at"), metavar="ISO")],
    lang: Lang = None,
    *,
    dry_run: DryRun = False,
) -> None:
    """Tell or do what is due."""
    from bot.commands.tick import tick as work  # noqa: PLC0415

    work(at, lang, dry_run=dry_run)


@app.command(help=helps("doctor"))
def doctor(lang: Lang = None) -> None:
    """Look for what is not right."""
    from bot.commands.doctor import doctor as work  # noqa: PLC0415

    work(lang)


@app.command(help=helps("backup"))
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=helps("backup_file"))],
    lang: Lang = None,
    *,
    force: Annotated[bool, typer.Option("--force", help=helps("force"))] = False,
) -> None:
    """Write a backup."""
    from bot.commands.backup import backup as work  # noqa: PLC0415

    work(file, lang, force=force)


@app.command(help=helps("restore"))
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=helps("restore_file"))],
    lang: Lang = None,
    *,
    replace: Annotated[bool, typer.Option("--replace", help=helps("replace"))] = False,
    yes: Annotated[bool, typer.Option("--yes", help=helps("yes"))] = False,
) -> None:
    """Restore a backup."""
    from bot.commands.restore import restore as work  # noqa: PLC0415

    work(file, lang, replace=replace, yes=yes)


@app.command("copy-to", help=helps("copy_to"))
def copy_to(
    url: Annotated[str, typer.Argument(metavar="URL", envvar="EMBARQUE_COPY_TO", help=helps("copy_url"))],
    lang: Lang = None,
) -> None:
    """Copy everything into another database."""
    from bot.commands.copy_to import copy_to as work  # noqa: PLC0415

    work(url, lang)


@deliveries.command("list", help=helps("deliveries_list"))
def deliveries_list(
    status: Annotated[list[str] | None, typer.Option(metavar="STATE", help=helps("status"))] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help=helps("limit"))] = 50,
    lang: Lang = None,
) -> None:
    """List deliveries."""
    from bot.commands.deliveries import show as work  # noqa: PLC0415

    work(tuple(status or ()), limit, lang)


@deliveries.command("retry", help=helps("deliveries_retry"))
def deliveries_retry(
    number: Annotated[int | None, typer.Argument(metavar="NUMBER", help=helps("number"))] = None,
    lang: Lang = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help=helps("everything"))] = False,
) -> None:
    """Try failed deliveries again."""
    from bot.commands.deliveries import retry as work  # noqa: PLC0415

    work(number, lang, everything=everything)


@manifest.command("slack", help=helps("manifest_slack"))
def manifest_slack(
    url: Annotated[
        str | None, typer.Option(metavar="https://bot.example.com", help=helps("manifest_url"))
    ] = None,
    name: Annotated[str, typer.Option(help=helps("manifest_name"))] = "Embarque",
    lang: Lang = None,
    *,
    socket: Annotated[bool, typer.Option("--socket", help=helps("manifest_socket"))] = False,
    as_yaml: Annotated[bool, typer.Option("--yaml", help=helps("manifest_yaml"))] = False,
) -> None:
    """Print the manifest of the Slack app."""
    from bot.commands.manifest import slack as work  # noqa: PLC0415

    work(url, name, lang, socket=socket, as_yaml=as_yaml)


@app.command(help=helps("version"))
def version() -> None:
    """Tell the version."""
    from bot.commands.version import version as work  # noqa: PLC0415

    typer.echo(f"embarque {work()}")


@people.command("import", help=helps("people_import"))
def people_import(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help=helps("people_file"))],
    starts: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help=helps("starts"))] = None,
    goes_live: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help=helps("goes_live"))] = None,
    zone: Annotated[str | None, typer.Option(help=helps("zone"))] = None,
    region: Annotated[str | None, typer.Option(help=helps("region"))] = None,
    pack: Annotated[str | None, typer.Option(help=helps("pack"))] = None,
    headcount: Annotated[list[str] | None, typer.Option(metavar="CODE=N", help=helps("headcount"))] = None,
    lang: Lang = None,
    *,
    dry_run: DryRun = False,
) -> None:
    """Import people."""
    from bot.commands.people import Wishes, import_people  # noqa: PLC0415

    wishes = Wishes(starts, goes_live, zone, region, pack, tuple(headcount or ()))
    import_people(file, wishes, lang, dry_run=dry_run)


@people.command("channel", help=helps("people_channel"))
def people_channel(
    name: Annotated[str, typer.Argument(help=helps("channel_name"))],
    platform: Annotated[str, typer.Option(metavar="slack|teams", help=helps("platform"))],
    team: Annotated[str, typer.Option(help=helps("team"))],
    conversation: Annotated[str, typer.Option(help=helps("conversation"))],
    lang: Locale = "fr",
    service_url: Annotated[str, typer.Option(help=helps("service_url"))] = "",
) -> None:
    """Register the channel of the weekly summary."""
    from bot.commands.people import register_channel  # noqa: PLC0415

    register_channel(name, platform, team, conversation, lang, service_url)


def main() -> None:
    """Run the command that was typed."""
    gc.set_threshold(COLLECT_AFTER)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that cannot show a letter must not end the program.
            stream.reconfigure(errors="replace")
    app()


if __name__ == "__main__":
    main()
