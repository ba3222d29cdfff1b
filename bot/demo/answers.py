"""What somebody of a function would plausibly say: every answer is taken from the content's own options."""

from datetime import date, timedelta
from random import Random

from dialogs.activity import FieldValue
from dialogs.interview_state import Interview, Position
from dialogs.outcome import SKIPPED
from dialogs.reading import FIELD
from dialogs.text import Locale

Said = tuple[str, dict[str, FieldValue]]
"""The option tapped, or "" and the fields of the form."""

FIGURES = {
    "MKT": (2, 6),
    "PUR": (20, 70),
    "PRO": (2, 10),
    "STK": (86, 97),
    "SHP": (40, 160),
    "ACC": (8, 25),
    "CSV": (6, 36),
    "HRS": (20, 80),
}
"""The figure asked of each function, from and to."""
FEELS = {
    "MKT": "customer_experience",
    "SAL": "culture",
    "PUR": "partners",
    "PRO": "processes",
    "STK": "systems_data",
    "SHP": "processes",
    "FIN": "processes",
    "ACC": "systems_data",
    "LEG": "partners",
    "SYS": "systems_data",
    "CSV": "customer_experience",
    "HRS": "employees",
    "STO": "customer_experience",
}
"""Where each function feels the change most."""
LIKELY: dict[str, dict[str, int]] = {
    "I0": {"start": 14, "not_concerned": 1, "later": 0},
    "I3": {"gain": 5, "difficulty": 9, "both": 2},
    "I8": {"h0": 2, "h0_5": 4, "h2": 6, "h6": 2, "h10": 1},
    "I10u": {"yes": 0, "no": 1},
    "I12": {"another": 1, "finish": 7, "champion": 0},
}
"""Weights of options by step; the others weigh one. What would disturb a person of the demo weighs nothing."""
SCALE = (1, 2, 3, 3, 3, 4, 4, 5)
SPEAKS = 0.6
"""How many give an example in their own words."""
EXAMPLES: dict[str, tuple[str, str]] = {
    "MKT": (
        "Une fiche sur trois n'a pas de photo utilisable à l'écran.",
        "One page in three has no photo fit for a screen.",
    ),
    "SAL": (
        "Deux clients demandent déjà si le prix en ligne sera le leur.",
        "Two accounts already ask whether the online price will be theirs.",
    ),
    "PUR": (
        "Nos fournisseurs envoient les poids et les dimensions par télécopie.",
        "Our suppliers send weights and sizes by fax.",
    ),
    "PRO": (
        "Une commande à l'unité arrête la ligne vingt minutes.",
        "A single-unit order stops the line for twenty minutes.",
    ),
    "STK": (
        "Le système montre trois pièces, la tablette en a une.",
        "The system shows three pieces, the shelf has one.",
    ),
    "SHP": (
        "Après 15 h, aucun transporteur ne repasse au quai.",
        "After 3 pm no carrier comes back to the dock.",
    ),
    "FIN": (
        "On ne connaît pas le coût d'un retour une fois le colis ouvert.",
        "We do not know what a return costs once the parcel is open.",
    ),
    "ACC": (
        "Un remboursement passe par trois écrans et deux signatures.",
        "A refund goes through three screens and two signatures.",
    ),
    "LEG": (
        "Nos conditions de vente ne disent rien des achats à distance.",
        "Our terms of sale say nothing about distance selling.",
    ),
    "SYS": (
        "Les stocks sont envoyés une fois par nuit, en un seul fichier.",
        "Stock is sent once a night, in a single file.",
    ),
    "CSV": (
        "On répond déjà « où est ma commande? » dix fois par jour.",
        "We already answer “where is my order?” ten times a day.",
    ),
    "HRS": (
        "Personne n'a encore d'horaire pour répondre le samedi.",
        "Nobody has a schedule yet for answering on Saturdays.",
    ),
    "STO": (
        "Une cliente voulait rendre en magasin un article vu en ligne.",
        "A customer wanted to return in store an item seen online.",
    ),
}
"""An ordinary day in each function, in French and in English."""


def plausible(interview: Interview, position: Position, chance: Random, locale: Locale, today: date) -> Said:
    """An answer to the question that is due."""
    step, function = position.step, interview.function() or "MKT"
    options = [option.id for option in interview.options(position)]
    match interview.kind(step):
        case "single" | "yesno":
            return _tapped(interview, position, chance, options), {}
        case "scale5":
            return str(chance.choice(SCALE)), {}
        case "multi":
            return "", {FIELD: _picked(position, chance, options)}
        case "num":
            low, high = FIGURES.get(function, (1, 10))
            return "", {FIELD: str(chance.randint(low, high))}
        case "date":
            return "", {FIELD: (today + timedelta(days=chance.randint(20, 60))).isoformat()}
        case "text" if chance.random() < SPEAKS:
            french, english = EXAMPLES[function]
            return "", {FIELD: english if locale == "en" else french}
        case _:
            return SKIPPED, {}


def _tapped(interview: Interview, position: Position, chance: Random, options: list[str]) -> str:
    step, function = position.step, interview.function() or "MKT"
    if step.options_from == "functions":
        return function
    if step.save == "impact.dimension":
        felt = FEELS[function]
        return felt if felt in options and chance.random() < SPEAKS else chance.choice(options)
    weights = [LIKELY.get(step.id, {}).get(option, 1) for option in options]
    return chance.choices(options, weights)[0] if any(weights) else options[0]


def _picked(position: Position, chance: Random, options: list[str]) -> tuple[str, ...]:
    most = min(position.step.max_picks or 2, len(options), 2)
    # The first options of a function are what most of it has in common.
    return tuple(sorted(chance.sample(options[:4], chance.randint(1, most)), key=options.index))
