"""The content as a whole: from files to a catalog that holds no mistake, or to every mistake at once."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic.json_schema import models_json_schema

from dialogs.checks import Findings, Source, of_kind
from dialogs.checks_files import KINDS, pack_of, placed
from dialogs.checks_pack import check_pack, check_ui
from dialogs.checks_shape import shaped
from dialogs.mistakes import ContentError, Mistake, Mistakes, in_order
from dialogs.schema import (
    Campaign,
    Checklist,
    Dialog,
    Digest,
    Function,
    Functions,
    Gate,
    Gates,
    Model,
    Nudges,
    PackHead,
    Quiz,
    UiWords,
)  # fmt: skip
from dialogs.text import Wording
from dialogs.yaml_reader import Document, read

__all__ = ["Catalog", "ContentError", "Pack", "catalog", "json_schema", "mistakes_in"]


@dataclass(frozen=True, slots=True)
class Pack:
    """One content pack. Mappings keep the order of the files and of their entries.

    hash: SHA-256 of the pack's files, so that two machines can tell whether they hold the same content.
    """

    head: PackHead
    functions: Mapping[str, Function]
    dialogs: Mapping[str, Dialog]
    checklists: Mapping[str, Checklist]
    gates: Mapping[str, Gate]
    quizzes: Mapping[str, Quiz]
    digests: Mapping[str, Digest]
    nudges: Mapping[str, Nudges]
    campaigns: Mapping[str, Campaign]
    hash: str


@dataclass(frozen=True, slots=True)
class Catalog:
    """All content. ui: the bot's own words by key. packs: by the name of their folder."""

    ui: Mapping[str, Wording]
    packs: Mapping[str, Pack]


def catalog(files: Mapping[str, bytes]) -> Catalog:
    """The content of these files, named relative to the content folder with "/" between folders.

    Raises ContentError with every mistake of every file.
    """
    judged = _judged(files)
    if isinstance(judged, tuple):
        raise ContentError(judged)
    return judged


def mistakes_in(files: Mapping[str, bytes]) -> Mistakes:
    """Every mistake of the content, by file and line; none when it can be used."""
    judged = _judged(files)
    return judged if isinstance(judged, tuple) else ()


def json_schema() -> dict[str, Any]:
    """The JSON Schema of any content file, for completion in an editor."""
    models = tuple(_MODELS.values())
    references, schema = models_json_schema([(model, "validation") for model in models], title="Embarque")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Embarque",
        "oneOf": [references[model, "validation"] for model in models],
        "$defs": schema["$defs"],
    }


def _judged(files: Mapping[str, bytes]) -> Catalog | Mistakes:
    mistakes: list[Mistake] = []
    ui: list[Source] = []
    packs: dict[str, list[Source]] = {}
    unread: dict[str, set[str]] = {}
    for name in sorted(files):
        kind = placed(name, mistakes)
        if kind is None:
            continue
        pack = pack_of(name)
        sources = ui if pack is None else packs.setdefault(pack, [])
        document = read(files[name], name)
        if not isinstance(document, Document):
            mistakes.extend(document)
            unread.setdefault(pack or "", set()).add(kind)
            continue
        sources.append(_source(kind, document))
    mistakes.extend(check_ui(ui, packs, unread.get("", set())))
    for pack, sources in packs.items():
        mistakes.extend(check_pack(pack, sources, unread.get(pack, set())))
    mistakes.extend(
        one for sources in (ui, *packs.values()) for source in sources for one in source.found.mistakes
    )
    return in_order(mistakes) if mistakes else _built(files, ui, packs)


_MODELS: Mapping[str, type[Model]] = {"pack": PackHead, "ui": UiWords, **KINDS}


def _source(kind: str, document: Document) -> Source:
    found = Findings(document, list(document.mistakes))
    return Source(kind, shaped(_MODELS[kind], found), found)


def _built(
    files: Mapping[str, bytes], ui: Sequence[Source], packs: Mapping[str, Sequence[Source]]
) -> Catalog:
    words = {key: wording for file, _ in of_kind(ui, UiWords) for key, wording in file.words.items()}
    built = {name: _pack(sources, _hash(files, name)) for name, sources in packs.items()}
    return Catalog(MappingProxyType(words), MappingProxyType(built))


def _pack(sources: Sequence[Source], digest: str) -> Pack:
    head = next(head for head, _ in of_kind(sources, PackHead))
    return Pack(
        head=head,
        functions=MappingProxyType(
            {one.code: one for file, _ in of_kind(sources, Functions) for one in file.functions}
        ),
        dialogs=MappingProxyType({one.dialog: one for one, _ in of_kind(sources, Dialog)}),
        checklists=MappingProxyType({one.checklist: one for one, _ in of_kind(sources, Checklist)}),
        gates=MappingProxyType({one.id: one for file, _ in of_kind(sources, Gates) for one in file.gates}),
        quizzes=MappingProxyType({one.quiz: one for one, _ in of_kind(sources, Quiz)}),
        digests=MappingProxyType({one.digest: one for one, _ in of_kind(sources, Digest)}),
        nudges=MappingProxyType({one.nudges: one for one, _ in of_kind(sources, Nudges)}),
        campaigns=MappingProxyType({one.campaign: one for one, _ in of_kind(sources, Campaign)}),
        hash=digest,
    )


def _hash(files: Mapping[str, bytes], pack: str) -> str:
    digest = hashlib.sha256()
    for name in sorted(name for name in files if pack_of(name) == pack):
        for part in (name.encode(), files[name]):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
