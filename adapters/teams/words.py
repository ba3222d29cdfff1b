"""The few words that only Teams needs: what its own client says when a field is wrong or a turn failed."""

from typing import Literal

Word = Literal[
    "required", "pick", "date", "number", "at_least", "at_most", "between", "failed", "unknown", "done"
]

_FRENCH: dict[Word, str] = {
    "required": "Écrivez une réponse.",
    "pick": "Choisissez une réponse.",
    "date": "Choisissez une date.",
    "number": "Entrez un nombre.",
    "at_least": "Entrez un nombre d’au moins {minimum}.",
    "at_most": "Entrez un nombre d’au plus {maximum}.",
    "between": "Entrez un nombre de {minimum} à {maximum}.",
    "failed": "Un problème est survenu de notre côté. Réessayez dans un instant.",
    "unknown": "Ce bouton ne fait rien ici. Écrivez « aide » pour voir ce que je sais faire.",
    "done": "OK",
}
_ENGLISH: dict[Word, str] = {
    "required": "Write an answer.",
    "pick": "Pick an answer.",
    "date": "Pick a date.",
    "number": "Enter a number.",
    "at_least": "Enter a number of at least {minimum}.",
    "at_most": "Enter a number of at most {maximum}.",
    "between": "Enter a number from {minimum} to {maximum}.",
    "failed": "Something went wrong on our side. Try again in a moment.",
    "unknown": "This button does nothing here. Write “help” to see what I can do.",
    "done": "OK",
}


def word(name: Word, locale: str | None, **values: str) -> str:
    """Say it in the language of the locale, such as "fr-CA"; French when it is neither French nor English."""
    english = (locale or "").lower().startswith("en")
    return (_ENGLISH if english else _FRENCH)[name].format(**values)


def figure(value: float, locale: str) -> str:
    """Write a bound as the reader does: no needless decimals, a decimal comma in French."""
    text = f"{value:.10g}"
    return text if locale.lower().startswith("en") else text.replace(".", ",")
