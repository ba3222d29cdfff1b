"""One mistake of each kind, planted in a small pack: told once, at its line, with what to do."""
# ruff: noqa: E501 - one planted mistake a row reads best

import pytest

from dialogs.catalog import mistakes_in
from tests.packs import files, planted

PACK, FUNCTIONS, VISIT, GATES, READY, QUIZ, LADDER, WEEKLY, CAMPAIGN = (
    f"packs/mini/{name}.yaml"
    for name in (
        "pack", "functions/functions", "dialogs/visit", "gates/gates", "checklists/ready", "quizzes/basics",
        "nudges/ladder", "digests/weekly", "campaigns/visit",
    )
)  # fmt: skip
LONG = "mot " * 46
CASES = [
    # file, text, put in its place, line, cause in French, cause in English, what to do in English
    (VISIT, ', en: "Visit"', "", 3, "n'existe pas en anglais", "missing in English", 'Add a line "en"'),
    (VISIT, 'fr-CA: "Visite", ', "", 3, "n'existe pas en français", "missing in French", 'Add a line "fr-CA"'),
    (VISIT, 'en: "Visit"', 'en: ""', 3, "vide", "empty", "Write the text"),
    (VISIT, 'en: "Visit"', "en: 5", 3, "texte est attendu", "text is expected", "quotation marks"),
    (VISIT, "start, {first}", "start", 7, "{first} manque en anglais", "{first} is missing in English", "same names"),
    (VISIT, 'en: "How big?"', 'fr-FR: "Et {n}?", en: "How big?"', 14, "{n} manque en français (fr-CA)", "{n} is missing in French", "same"),
    (VISIT, '{fr-CA: "Quelle ampleur?", en: "How big?"}', '{fr-CA: "{frist}", en: "{frist}"}', 14, "remplir {frist}", "fill {frist}", 'Did you mean "first"'),
    (VISIT, '"Quelle ampleur?"', '"Quelle {Ampleur}?"', 14, "accolade", "brace", "{name}"),
    (VISIT, '"How big?"', '"How **big?"', 14, "astérisques", "asterisks", "before and after"),
    (VISIT, "Quelle ampleur?", "x" * 501, 14, "501 caractères", "501 characters", "500 at most"),
    (VISIT, '"Time"', f'"{"x" * 76}"', 21, "76 caractères", "76 characters", "75 at most"),
    (VISIT, "type: scale5", "type: scale6", 12, "choix possibles", "possible choices", 'Did you mean "scale5"'),
    (VISIT, "max_picks: 2", "max_pick: 2", 17, "nom connu ici", "known name here", 'Did you mean "max_picks"'),
    (VISIT, "version: 1\n", "", 1, "Il manque « version »", '"version" is missing', 'Add a line "version"'),
    (VISIT, "max_picks: 2", "max_picks: 21", 17, "sort des limites", "out of bounds", "at most 20"),
    (VISIT, "max_picks: 2", "max_picks: many", 17, "n'est pas un nombre", "not a number", "in digits"),
    (VISIT, "max_picks: 2", "max_picks: 4", 17, "plus que les 3", "more than the 3", "3 at most"),
    (VISIT, "step: V2, at_least: 4}]\n    ask", "step: V9, at_least: 4}]\n    ask", 18, "Aucune étape", "No step", "Use one of these"),
    (VISIT, "[{step: V1, equals: now}]", "[{step: V4, answered: true}]", 13, "pas encore posée", "not been asked", "further up"),
    (VISIT, "[{step: V1, equals: now}]", "[{step: V1, equals: nwo}]", 13, "n'est pas une réponse possible", "not a possible answer", 'mean "now"'),
    (VISIT, "includes: time", "includes: tmie", 26, "n'est pas une réponse possible", "not a possible answer", 'mean "time"'),
    (VISIT, "includes: time", "equals: time", 26, "ne convient pas", "does not fit", "includes"),
    (VISIT, "at_least: 4", "at_least: 6", 18, "de 1 à 5", "from 1 to 5", "from 1 to 5"),
    (VISIT, "at_least: 4", "at_least: 2, at_most: 3", 18, "plusieurs tests", "several tests", "second condition"),
    (VISIT, "step: V2, at_least: 4}]\n    ask", "step: V2}]\n    ask", 18, "ne compare", "does not test", "exactly one test"),
    (VISIT, "{step: V2, at_least: 4}]\n    ask", "{at_least: 4}]\n    ask", 18, "ce qu'elle regarde", "what it looks at", '"step"'),
    (VISIT, "[{step: V1, equals: now}]", "[{rule: gian}]", 13, "choix possibles", "possible choices", 'Did you mean "gain"'),
    (VISIT, "[{step: V1, equals: now}]", "[{rule: gain}]", 13, "qu'aucune étape", "which no step", "impact.polarity"),
    (VISIT, "[{step: V1, equals: now}]", "[{step: V1, equals: now}, {step: V1, equals: later}]", 13, "n'arrive jamais", "never happens", "Remove one"),
    (VISIT, "includes: time", "includes: time}, {step: V2, at_most: 3", 26, "n'arrive jamais", "never happens", "depends on"),
    (VISIT, "  - say:", "  - when: [{step: V5, equals: no}]\n    say:", 44, "sans un mot", "without a word", 'without "when"'),
    (VISIT, "  - when: [{step: V2, at_least: 4}]\n    say", "  - say", 43, "jamais dit", "never said", "last"),
    (VISIT, "first: V2", "first: V7", 32, "Aucune étape", "No step", "Use one of these"),
    (VISIT, "first: V2, last: V5", "first: V5, last: V2", 32, "avant la première", "before the first", "Swap"),
    (VISIT, "later:\n  step: V1", "later:\n  step: V8", 34, "Aucune étape", "No step", "Use one of these"),
    (VISIT, "in_hours: 2, ", "", 38, "n'est pas clair", "not clear", "in_hours"),
    (VISIT, "- id: V4", "- id: V4\n    was: V2", 25, "défini deux fois", "defined twice", "Rename"),
    (VISIT, "- id: V4", "- id: V3", 24, f"{VISIT}:15 et à {VISIT}:24", f"{VISIT}:15 and at {VISIT}:24", "Rename or delete"),
    (VISIT, "{id: money, label", "{id: time, label", 22, "défini deux fois", "defined twice", "Rename"),
    (VISIT, "type: multi", "type: text", 17, "de type multi", "of type multi", "Remove this line"),
    (VISIT, "type: yesno", "type: single", 28, "liste des choix", "list of choices", 'Add "options"'),
    (FUNCTIONS, "type: num", "type: single", 10, "liste des choix", "list of choices", 'Add "options"'),
    (FUNCTIONS, "code: FIN", "code: 5IN", 2, "forme attendue", "form expected", "Begin with a letter"),
    (READY, "domain: money\n    gates", "domain: monye\n    gates", 7, "Aucun domaine", "No domain", 'Did you mean "money"'),
    (READY, "gates: {G1: 2}", "gates: {G7: 2}", 8, "« G7 » n'existe", 'gate called "G7"', "Use one of these"),
    (READY, "function_lead.FIN", "function_lead.FIX", 9, "« FIX » n'existe", 'function called "FIX"', 'Did you mean "FIN"'),
    (READY, "function_lead.FIN", "boss", 9, "forme attendue", "form expected", "sponsor"),
    (READY, "depends_on: [A1]", "depends_on: [A3]", 18, "« A3 » n'existe", 'checklist item called "A3"', "Use one of these"),
    (READY, "depends_on: [A1]", "depends_on: [A2]", 18, "A2 → A2", "A2 → A2", "Remove one of these dependencies"),
    (READY, "T0+6w", "6 weeks", 10, "forme attendue", "form expected", "T0+9w"),
    (READY, "L-4w", "L+4w", 16, "après la mise en ligne", "after the go-live", "Bring the date forward"),
    (GATES, 'due: "T0+8w"', 'due: "T0+8w"\n    needs_gates: [G2]', 9, "G1 → G2 → G1", "G1 → G2 → G1", "Remove one"),
    (GATES, "needs_gates: [G1]", "needs_gates: [G9]", 8, "« G9 » n'existe", 'gate called "G9"', "Use one of these"),
    (QUIZ, '      - {id: c, label: {fr-CA: "Rien", en: "Nothing"}}\n', "", 10, "au lieu de trois", "instead of three", "exactly three"),
    (QUIZ, "{id: b, label", "{id: b, right: true, label", 10, "2 options", "2 options", "exactly one"),
    (QUIZ, "right: true, ", "", 10, "0 option est", "0 options", "exactly one"),
    (QUIZ, "audience: [all]", "audience: [FIX]", 4, "Aucun service", "No function", 'Did you mean "FIN"'),
    (LADDER, '"Merci."', f'"{LONG}"', 7, "46 mots", "46 words", "45 at most"),
    (LADDER, '"When suits you?"', '"You are late."', 4, "reproche", "blame", "still open"),
    (LADDER, '"Quel moment', '"Vous êtes en retard. Quel moment', 4, "reproche", "blame", "still open"),
    (LADDER, "id: K3", "id: K2", 5, "défini deux fois", "defined twice", "Rename"),
    (LADDER, "days: 3", "days: 0", 5, "ne vient pas après", "does not come after", "more days"),
    (LADDER, '  - {id: K7, say: {fr-CA: "Merci.", en: "Thanks."}}\n', "", 2, "Il manque un échelon : K7".replace(" :", "\u00a0:"), "A rung is missing: K7", "Add it"),
    (LADDER, 'to_time: "17:30"', 'to_time: "5 pm"', 9, "forme attendue", "form expected", "08:30"),
    (LADDER, '"{hello}, where is {item}?"', '"{hello}, where is {item}, {due}?"', 3, "{due} manque", "{due} is missing", "same"),
    (WEEKLY, "  numbers_title:", "  number_title:", 7, "« numbers_title »".replace(" ", "\u00a0"), '"numbers_title"', 'Did you mean "number_title"'),
    (WEEKLY, "[header, numbers]", "[header, header, numbers]", 5, "deux fois", "twice", "once"),
    (CAMPAIGN, "starts: visit", "starts: vist", 2, "« vist » n'existe", 'dialog called "vist"', 'Did you mean "visit"'),
    (CAMPAIGN, "[FIN]", "[FIN, XXX]", 4, "Aucun service", "No function", "Use one of these"),
    (CAMPAIGN, "L-8w", "T0+1w", 6, "avant de commencer", "before it opens", "after"),
    (CAMPAIGN, 'at: "09:30"', 'at: "9h30"', 7, "forme attendue", "form expected", "08:30"),
    (PACK, "pack: mini", "pack: maxi", 1, "son dossier", "its folder", "same name"),
    ("ui.yaml", '"Hello"', '"Hello {n}"', 2, "{n} manque", "{n} is missing", "same"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "line", "fr", "en", "fix"), CASES)
def test_a_planted_mistake_is_told_where_it_is(
    file: str, old: str, new: str, line: int, fr: str, en: str, fix: str
) -> None:
    """Would have caught a mistake that goes unseen, is told at another line, or drags others along."""
    found = [one for one in mistakes_in(files(planted(file, (old, new)))) if not _follows(one.cause.en, en)]
    assert [(one.file, one.line) for one in found] == [(file, line)], [one.tell("en") for one in found]
    assert fr.replace("« ", "«\u00a0").replace(" »", "\u00a0»") in found[0].tell("fr-CA")
    assert en in found[0].tell("en")
    assert fix in found[0].fix.en
    assert found[0].fix.fr


def _follows(cause: str, wanted: str) -> bool:
    """A second, true mistake that the same edit makes: a misnamed key is both unknown and missed."""
    return wanted not in cause and any(
        also in cause
        for also in (
            "no list of choices",
            "does not fit",
            "never happens",
            "rung is missing",
            "does not come after",
        )
    )
