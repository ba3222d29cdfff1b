"""Where each content file belongs."""

import re
from collections.abc import Mapping

from dialogs.checks import choose
from dialogs.mistakes import Mistake, Said
from dialogs.schema import Campaign, Checklist, Dialog, Digest, Functions, Gates, Model, Nudges, Quiz

KINDS: Mapping[str, type[Model]] = {
    "functions": Functions,
    "dialogs": Dialog,
    "checklists": Checklist,
    "gates": Gates,
    "quizzes": Quiz,
    "digests": Digest,
    "nudges": Nudges,
    "campaigns": Campaign,
}
"""The folders of a pack and what a file in each holds."""
_UI = re.compile(r"(ui(\.[a-z0-9_-]+)?|page)\.yaml")
"""The bot's own words: ui.yaml, ui.anything.yaml beside it, and page.yaml."""
_PACK_DEPTH = 3
_FILE_DEPTH = 4


def pack_of(name: str) -> str | None:
    """The pack that a file belongs to; None for the bot's own words."""
    parts = name.split("/")
    return parts[1] if parts[0] == "packs" and len(parts) >= _PACK_DEPTH else None


def placed(name: str, mistakes: list[Mistake]) -> str | None:
    """The kind of a file: ui, pack, or its folder. None for other files; a stray YAML file is a mistake."""
    if name.endswith(".yml"):
        cause = Said("Le nom du fichier se termine par .yml.", "The file name ends in .yml.")
        mistakes.append(Mistake(name, 1, 1, "", cause, Said("Renommez-le en .yaml.", "Rename it to .yaml.")))
    if not name.endswith(".yaml"):
        return None
    parts = name.split("/")
    if _UI.fullmatch(name):
        return "ui"
    if parts[0] == "packs" and len(parts) == _PACK_DEPTH and parts[2] == "pack.yaml":
        return "pack"
    if parts[0] == "packs" and len(parts) == _FILE_DEPTH and parts[2] in KINDS:
        return parts[2]
    cause = Said("Le fichier n'est pas à sa place.", "The file is not in its place.")
    folder = parts[2] if parts[0] == "packs" and len(parts) >= _FILE_DEPTH else ""
    fix = choose(folder, KINDS) if folder else _FOLDERS
    mistakes.append(Mistake(name, 1, 1, "", cause, fix))
    return None


_FOLDERS = Said(
    f"Rangez-le dans un dossier d'un pack, comme packs/nom/dialogs. Dossiers: {', '.join(KINDS)}.",
    f"Put it in a folder of a pack, such as packs/name/dialogs. Folders: {', '.join(KINDS)}.",
)
