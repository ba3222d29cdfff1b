"""The words for what a YAML file may not hold, each with what to do instead."""

from dialogs.mistakes import Said

Words = tuple[Said, Said]
"""The cause and what to do."""

TOO_BIG: Words = (
    Said("Le fichier dépasse 256 ko.", "The file is larger than 256 kB."),
    Said(
        "Répartissez son contenu dans plusieurs fichiers du même dossier.",
        "Split it into several files in the same folder.",
    ),
)
ENCODING: Words = (
    Said("Le fichier n'est pas enregistré en UTF-8.", "The file is not saved as UTF-8."),
    Said(
        "Enregistrez-le de nouveau en choisissant l'encodage UTF-8.",
        "Save it again and choose the UTF-8 encoding.",
    ),
)
TAB: Words = (
    Said("La ligne commence par une tabulation.", "The line begins with a tab."),
    Said(
        "Remplacez la tabulation par des espaces, deux par niveau.",
        "Replace the tab with spaces, two for each level.",
    ),
)
DOCUMENTS: Words = (
    Said(
        "Le fichier contient plusieurs documents, séparés par « --- ».",
        'The file holds several documents, divided by "---".',
    ),
    Said("Gardez un seul document par fichier.", "Keep one document in each file."),
)
EMPTY: Words = (
    Said("Le fichier est vide.", "The file is empty."),
    Said("Ajoutez-y son contenu, ou supprimez-le.", "Write its content, or delete it."),
)
ANCHOR: Words = (
    Said("Une ancre (&nom) n'est pas admise.", "An anchor (&name) is not allowed."),
    Said(
        "Écrivez le texte en toutes lettres; s'il commence par &, mettez-le entre guillemets.",
        "Write the text in full; if it begins with &, put it in quotation marks.",
    ),
)
ALIAS: Words = (
    Said("Un renvoi (*nom) n'est pas admis.", "A reference (*name) is not allowed."),
    Said(
        "Écrivez le texte en toutes lettres; s'il commence par *, mettez-le entre guillemets.",
        "Write the text in full; if it begins with *, put it in quotation marks.",
    ),
)
MERGE: Words = (
    Said("La fusion (<<) n'est pas admise.", "Merging (<<) is not allowed."),
    Said("Recopiez les lignes voulues à cet endroit.", "Copy the lines you want to this place."),
)
TAG: Words = (
    Said("Une étiquette de type (!nom) n'est pas admise.", "A type tag (!name) is not allowed."),
    Said(
        "Retirez-la; si le texte commence par !, mettez-le entre guillemets.",
        "Remove it; if the text begins with !, put it in quotation marks.",
    ),
)
KEY_NOT_WORD: Words = (
    Said("Le nom placé devant le deux-points n'est pas un mot.", "The name before the colon is not a word."),
    Said(
        "Écrivez un mot simple, ou mettez ce nom entre guillemets.",
        "Write a single word, or put the name in quotation marks.",
    ),
)
NO_VALUE_KEY: Words = (
    Said("Il manque le nom devant le deux-points.", "The name before the colon is missing."),
    Said("Écrivez le nom, puis un deux-points et une espace.", "Write the name, then a colon and a space."),
)
TOO_DEEP: Words = (
    Said(
        "Les éléments sont imbriqués sur plus de 20 niveaux.",
        "The entries are nested more than 20 levels deep.",
    ),
    Said("Vérifiez les crochets, les tirets et les retraits.", "Check the brackets, dashes and indentation."),
)
TOO_MANY: Words = (
    Said("Le fichier compte plus de 20 000 éléments.", "The file holds more than 20,000 entries."),
    Said(
        "Répartissez son contenu dans plusieurs fichiers du même dossier.",
        "Split it into several files in the same folder.",
    ),
)
_SHOWN = 20


def unprintable(character: str) -> Words:
    """A character that nobody can see, told by its code."""
    code = f"U+{ord(character[0]):04X}" if len(character) == 1 else ""
    return (
        Said(
            f"Un caractère invisible {code} se trouve ici.", f"There is an invisible character {code} here."
        ),
        Said("Effacez-le et retapez le passage au clavier.", "Delete it and type the passage again."),
    )


def number_too_long(text: str) -> Words:
    """A number that is too long or endless."""
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return (
        Said(f"Le nombre {shown} est trop grand.", f"The number {shown} is too large."),
        Said(
            "Écrivez un nombre plus court, ou mettez-le entre guillemets.",
            "Write a shorter number, or put it in quotation marks.",
        ),
    )


def duplicate(key: str, line: int) -> Words:
    """The same key twice at one place."""
    return (
        Said(f"« {key} » figure déjà à la ligne {line}.", f'"{key}" is already there on line {line}.'),
        Said("Gardez une seule des deux entrées.", "Keep only one of the two entries."),
    )


def syntax(problem: str) -> Words:
    """What the YAML parser says, translated where editors meet it often."""
    for sign, words in _COMMON.items():
        if sign in problem:
            return words
    return (
        Said("La structure du fichier est rompue ici.", "The structure of the file breaks here."),
        Said(
            "Comparez avec les lignes voisines: retraits, tirets, deux-points, guillemets et crochets.",
            "Compare with the lines around it: indentation, dashes, colons, quotation marks and brackets.",
        ),
    )


_QUOTES: Words = (
    Said("Un guillemet ouvert n'est pas refermé.", "A quotation mark is opened and never closed."),
    Said("Fermez-le à la fin du texte.", "Close it at the end of the text."),
)
_COMMON: dict[str, Words] = {
    "mapping values are not allowed": (
        Said("Un deux-points se trouve là où il n'est pas admis.", "There is a colon where none is allowed."),
        Said(
            "Mettez le texte entre guillemets, ou corrigez le retrait.",
            "Put the text in quotation marks, or correct the indentation.",
        ),
    ),
    "end of stream": _QUOTES,
    "document indicator": _QUOTES,
    "could not find expected ':'": (
        Said("Il manque un deux-points après un nom.", "A colon is missing after a name."),
        Said("Ajoutez « : » et une espace après le nom.", 'Add ":" and a space after the name.'),
    ),
    "cannot start any token": (
        Said("Un texte ne peut pas commencer par ce caractère.", "A text cannot begin with this character."),
        Said("Mettez tout le texte entre guillemets.", "Put the whole text in quotation marks."),
    ),
    "did not find expected '-' indicator": (
        Said(
            "Un élément de la liste n'est pas aligné avec les autres.",
            "An entry of the list is not in line with the others.",
        ),
        Said("Alignez son tiret avec ceux de la liste.", "Line its dash up with those of the list."),
    ),
    "did not find expected key": (
        Said(
            "Cette ligne n'est pas alignée avec les précédentes.",
            "This line is not in line with those before it.",
        ),
        Said(
            "Corrigez le retrait; si un texte contient des guillemets, entourez-le de l'autre sorte.",
            "Correct the indentation; if a text holds quotation marks, use the other kind around it.",
        ),
    ),
    "did not find expected ',' or": (
        Said(
            "Un crochet ou une accolade n'est pas refermé, ou une virgule manque.",
            "A bracket or brace is not closed, or a comma is missing.",
        ),
        Said(
            "Ajoutez la virgule, le crochet ou l'accolade qui manque.",
            "Add the comma, bracket or brace that is missing.",
        ),
    ),
    "unknown escape character": (
        Said(
            "Une barre oblique inversée est suivie d'un caractère inconnu.",
            "A backslash is followed by an unknown character.",
        ),
        Said("Retirez la barre oblique inversée.", "Remove the backslash."),
    ),
}
