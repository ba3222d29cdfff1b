"""Checks what is sent on a date: campaigns and the weekly summary."""

from dialogs.checks import Findings, Names, nearest, unknown
from dialogs.checks_quizzes import check_audience
from dialogs.checks_readiness import days
from dialogs.mistakes import Said
from dialogs.schema import Campaign, Digest

_STARTS = {"dialog": "dialogs", "quiz": "quizzes"}
_OF_SECTION = {
    "header": ("header", "header_no_gate"),
    "verdict": ("verdict", "quiet", "first_week"),
    "changes": ("changes_title", "change"),
    "numbers": ("numbers_title",),
    "method": ("method",),
}


def check_campaign(campaign: Campaign, found: Findings, names: Names, weeks: int) -> None:
    """Note what is wrong with one campaign. weeks: from the start to the go-live."""
    kind = _STARTS.get(campaign.kind)
    if kind is not None:
        unknown(found, ("starts",), kind, campaign.starts, names)
    check_audience(campaign.audience, found, names)
    known = not any(found.unsure((key,)) for key in ("opens", "closes"))
    if known and days(campaign.closes, weeks) <= days(campaign.opens, weeks):
        found.add(
            ("closes",),
            Said("La campagne se termine avant de commencer.", "The campaign closes before it opens."),
            Said(
                "Choisissez pour « closes » une date après « opens ».",
                'Choose a date for "closes" after "opens".',
            ),
        )


def check_digest(digest: Digest, found: Findings) -> None:
    """Note sections and metrics given twice, and words that they need."""
    for key, given in (("sections", digest.sections), ("metrics", digest.metrics)):
        for place, name in enumerate(given):
            if name and name in given[:place]:
                found.add(
                    (key, place), Said(f"« {name} » figure deux fois.", f'"{name}" is there twice.'), _ONCE
                )
    needed = needed_words(digest)
    spare = [key for key in digest.words if key not in needed]
    for key in needed:
        if key not in digest.words and not found.unsure(("words",)):
            cause = Said(f"Il manque le texte « {key} » du bilan.", f'The digest lacks the text "{key}".')
            advice = Said("Ajoutez-le sous « words ».", 'Add it under "words".')
            near = nearest(key, spare)
            found.add(("words",), cause, near + advice if near.en else advice)


def needed_words(digest: Digest) -> tuple[str, ...]:
    """The keys of `words` that the sections and metrics of a digest need."""
    sections = (key for section in digest.sections for key in _OF_SECTION.get(section, ()))
    metrics = (key for metric in digest.metrics if metric for key in (metric, f"definition_{metric}"))
    return tuple(dict.fromkeys((*sections, *metrics)))


_ONCE = Said("Gardez-le une seule fois.", "Keep it once.")
