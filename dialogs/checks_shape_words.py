"""The words for a value that does not fit its place, from the reasons that pydantic gives."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from pydantic_core import ErrorDetails

from dialogs.checks import choose, nearest
from dialogs.mistakes import Said

Words = tuple[Said, Said]
LANGUAGES: Mapping[str, Said] = {
    "fr-CA": Said("français (fr-CA)", "French (fr-CA)"),
    "fr-FR": Said("français de France (fr-FR)", "French of France (fr-FR)"),
    "en": Said("anglais (en)", "English (en)"),
}
_SHOWN = 40
_DATE = Said(
    "Écrivez T0 (départ) ou L (mise en ligne), avec un écart en jours (d) ou semaines (w): T0+9w, L-14d.",
    "Write T0 (start) or L (go-live), with a gap in days (d) or weeks (w): T0+9w, L-14d.",
)
_CLOCK = Said(
    "Écrivez l'heure avec deux chiffres de chaque côté: 08:30.",
    "Write the time with two digits on each side: 08:30.",
)
_NAME = Said(
    "Commencez par une lettre; ensuite des lettres sans accent, des chiffres, _ ou -, 40 caractères au plus.",
    "Begin with a letter, then unaccented letters, digits, _ or -, at most 40 characters.",
)
_FORMS: Mapping[str, Said] = {
    "due": _DATE,
    "opens": _DATE,
    "closes": _DATE,
    "at": _CLOCK,
    "from_time": _CLOCK,
    "to_time": _CLOCK,
    "save": Said(
        "Écrivez un ou deux mots en minuscules, comme impact.severity.",
        "Write one or two small words, such as impact.severity.",
    ),
    "owner_role": Said(
        "Écrivez owner, sponsor, project_lead, change_lead, ou function_lead.FIN (le code d'un service).",
        "Write owner, sponsor, project_lead, change_lead, or function_lead.FIN (the code of a function).",
    ),
}
_WORD_KEY = Said(
    "Écrivez des minuscules, des chiffres, _ et des points: quiz.done.",
    "Write small letters, digits, _ and points: quiz.done.",
)


def missing_language(language: str) -> Words:
    """A text that lacks a language."""
    name = LANGUAGES[language]
    return (
        Said(f"Le texte n'existe pas en {name.fr}.", f"The text is missing in {name.en}."),
        Said(f"Ajoutez une ligne « {language} » avec le texte.", f'Add a line "{language}" with the text.'),
    )


def missing_key(key: str, near: Collection[str]) -> Words:
    """An entry that must be there; near: unknown keys beside it, perhaps the same word misspelt."""
    advice = nearest(key, near)
    if advice.en:
        wrong = advice.en.split('"')[1]
        fix = Said(f"Renommez « {wrong} » en « {key} ».", f'Rename "{wrong}" to "{key}".')
    else:
        fix = Said(f"Ajoutez une ligne « {key} » avec sa valeur.", f'Add a line "{key}" with its value.')
    return Said(f"Il manque « {key} » ici.", f'"{key}" is missing here.'), fix


def unknown_key(key: str, known: Collection[str]) -> Words:
    """An entry that has no meaning there."""
    return Said(f"« {key} » n'est pas un nom connu ici.", f'"{key}" is not a known name here.'), choose(
        key, known
    )


def misfit(details: ErrorDetails, key: str, *, wanted_text: bool) -> Words:
    """A value of the wrong kind, form or size. key: the name before the colon."""
    value, context = details.get("input"), details.get("ctx", {})
    shown = _shown(value)
    match details["type"]:
        case "literal_error":
            known = re.findall(r"'([^']*)'|(\d+)", str(context.get("expected", "")))
            return _not_one_of(shown), choose(str(value), [one or other for one, other in known])
        case "string_pattern_mismatch":
            return _bad_form(shown), _form(details, key)
        case "too_short" | "too_long":
            return _count(context)
        case "value_error" | "string_too_short":
            return _EMPTY_TEXT
        case "greater_than_equal" | "greater_than" | "less_than_equal" | "less_than":
            return _out_of_bounds(shown, details["type"], context)
        case _ if value is None:
            return Said(f"« {key} » n'a pas de valeur.", f'"{key}" has no value.'), Said(
                "Écrivez-la après le deux-points, ou retirez la ligne.",
                "Write it after the colon, or remove the line.",
            )
        case "tuple_type" | "list_type":
            return _A_LIST
        case "model_type" | "dict_type" | "model_attributes_type" if not _phrase(details):
            return _A_WORDING if wanted_text else _ENTRIES
        case "string_type" | "model_type":
            return _QUOTED
        case "bool_type" | "bool_parsing":
            return _not_one_of(shown), Said("Écrivez true (oui) ou false (non).", "Write true or false.")
        case kind if kind.startswith(("int", "float")):
            return Said(
                f"{shown} n'est pas un nombre admis ici.", f"{shown} is not a number that fits here."
            ), Said(
                "Écrivez un nombre en chiffres, sans guillemets.",
                "Write a number in digits, without quotation marks.",
            )
        case _:
            return _bad_form(shown), Said(
                "Comparez avec un fichier semblable du pack.", "Compare with a similar file of the pack."
            )


def _phrase(details: ErrorDetails) -> bool:
    return bool({"fr-CA", "en", "fr-FR"} & {str(part) for part in details["loc"]})


def _shown(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _not_one_of(shown: str) -> Said:
    return Said(
        f"« {shown} » ne fait pas partie des choix possibles.",
        f'"{shown}" is not one of the possible choices.',
    )


def _bad_form(shown: str) -> Said:
    return Said(
        f"« {shown} » n'est pas écrit sous la forme attendue.",
        f'"{shown}" is not written in the form expected.',
    )


def _form(details: ErrorDetails, key: str) -> Said:
    return (
        _WORD_KEY
        if str(details.get("ctx", {}).get("pattern", "")).startswith("^[a-z0-9_]")
        else _FORMS.get(key, _NAME)
    )


def _count(context: Mapping[str, Any]) -> Words:
    least, most = context.get("min_length"), context.get("max_length")
    if most is not None:
        return (
            Said("La liste est trop longue.", "The list is too long."),
            Said(f"Gardez {most} éléments au plus.", f"Keep {most} entries at most."),
        )
    return (
        Said("La liste est trop courte.", "The list is too short."),
        Said(f"Il en faut au moins {least}.", f"At least {least} must be there."),
    )


def _out_of_bounds(shown: str, kind: str, context: Mapping[str, Any]) -> Words:
    limit = next((context[name] for name in ("ge", "gt", "le", "lt") if name in context), "")
    fr, en = {
        "greater_than_equal": ("au moins", "at least"),
        "greater_than": ("plus que", "more than"),
        "less_than_equal": ("au plus", "at most"),
        "less_than": ("moins que", "less than"),
    }[kind]
    return (
        Said(f"Le nombre {shown} sort des limites.", f"The number {shown} is out of bounds."),
        Said(f"Écrivez {fr} {limit}.", f"Write {en} {limit}."),
    )


_EMPTY_TEXT: Words = (
    Said("Le texte est vide.", "The text is empty."),
    Said("Écrivez le texte entre guillemets.", "Write the text in quotation marks."),
)
_QUOTED: Words = (
    Said("Un texte est attendu ici.", "A text is expected here."),
    Said("Mettez la valeur entre guillemets.", "Put the value in quotation marks."),
)
_A_WORDING: Words = (
    Said("Un texte dans chaque langue est attendu ici.", "A text in each language is expected here."),
    Said(
        "Écrivez le texte français sous « fr-CA » et le texte anglais sous « en ».",
        'Write the French text under "fr-CA" and the English text under "en".',
    ),
)
_A_LIST: Words = (
    Said("Une liste est attendue ici.", "A list is expected here."),
    Said(
        "Commencez chaque élément par un tiret, ou entourez-les de crochets: [a, b].",
        "Begin each entry with a dash, or put brackets around them: [a, b].",
    ),
)
_ENTRIES: Words = (
    Said(
        "Des lignes formées d'un nom et d'une valeur sont attendues ici.",
        'Lines of "name: value" are expected here.',
    ),
    Said("Comparez avec un élément semblable du pack.", "Compare with a similar entry of the pack."),
)
