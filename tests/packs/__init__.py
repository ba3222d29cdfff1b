"""A small content pack that is right, for tests to plant mistakes in."""

from collections.abc import Mapping

SMALL: Mapping[str, str] = {
    "ui.yaml": """\
words:
  hello: {fr-CA: "Bonjour", en: "Hello"}
""",
    "packs/mini/pack.yaml": """\
pack: mini
title: {fr-CA: "Essai", en: "Trial"}
project: {fr-CA: "l'essai", en: "the trial"}
weeks: 20
""",
    "packs/mini/functions/functions.yaml": """\
functions:
  - code: FIN
    label: {fr-CA: "Finances", en: "Finance"}
    picks:
      ask: {fr-CA: "Quoi?", en: "What?"}
      type: multi
      options:
        - {id: cash, label: {fr-CA: "Trésorerie", en: "Cash"}}
        - {id: fraud, label: {fr-CA: "Fraude", en: "Fraud"}}
    tap:
      ask: {fr-CA: "Combien?", en: "How many?"}
      type: num
""",
    "packs/mini/dialogs/visit.yaml": """\
dialog: visit
version: 1
title: {fr-CA: "Visite", en: "Visit"}
steps:
  - id: V1
    type: single
    ask: {fr-CA: "On commence, {first}?", en: "Shall we start, {first}?"}
    options:
      - {id: now, label: {fr-CA: "Oui", en: "Yes"}}
      - {id: later, label: {fr-CA: "Plus tard", en: "Later"}}
  - id: V2
    type: scale5
    when: [{step: V1, equals: now}]
    ask: {fr-CA: "Quelle ampleur?", en: "How big?"}
  - id: V3
    type: multi
    max_picks: 2
    when: [{step: V2, at_least: 4}]
    ask: {fr-CA: "Lesquels?", en: "Which ones?"}
    options:
      - {id: time, label: {fr-CA: "Du temps", en: "Time"}}
      - {id: money, label: {fr-CA: "De l'argent", en: "Money"}}
      - {id: people, label: {fr-CA: "Des gens", en: "People"}}
  - id: V4
    type: text
    when: [{step: V3, includes: time}]
    ask: {fr-CA: "Pourquoi?", en: "Why?"}
  - id: V5
    type: yesno
    when: [{step: V1, equals: now}]
    ask: {fr-CA: "Encore?", en: "Again?"}
rounds: {first: V2, last: V5, max: 2, again: {step: V5, equals: "yes"}}
later:
  step: V1
  equals: later
  ask: {fr-CA: "Quand?", en: "When?"}
  slots:
    - {id: soon, in_hours: 2, label: {fr-CA: "Bientôt", en: "Soon"}}
    - {id: tomorrow, in_workdays: 1, at: "09:30", label: {fr-CA: "Demain", en: "Tomorrow"}}
  said: {fr-CA: "Noté.", en: "Noted."}
closings:
  - when: [{step: V2, at_least: 4}]
    say: {fr-CA: "Merci, c'est utile.", en: "Thank you, that helps."}
  - say: {fr-CA: "Merci.", en: "Thank you."}
resume: {fr-CA: "On reprend?", en: "Shall we go on?"}
""",
    "packs/mini/gates/gates.yaml": """\
gates:
  - id: G1
    label: {fr-CA: "Modèle", en: "Model"}
    due: "T0+8w"
  - id: G2
    label: {fr-CA: "Choix", en: "Choice"}
    due: "L-2w"
    needs_gates: [G1]
""",
    "packs/mini/checklists/ready.yaml": """\
checklist: ready
title: {fr-CA: "Préparation", en: "Readiness"}
domains:
  - {id: money, label: {fr-CA: "Argent", en: "Money"}}
items:
  - id: A1
    domain: money
    gates: {G1: 2}
    owner_role: function_lead.FIN
    due: "T0+6w"
    evidence: {types: [file], what: {fr-CA: "Un calcul", en: "A sheet"}}
    ask: {fr-CA: "La marge est positive", en: "The margin is positive"}
  - id: A2
    domain: money
    owner_role: owner
    due: "L-4w"
    evidence: {types: [link], what: {fr-CA: "Un lien", en: "A link"}}
    depends_on: [A1]
    ask: {fr-CA: "Le seuil est connu", en: "The break-even is known"}
""",
    "packs/mini/quizzes/basics.yaml": """\
quiz: basics
version: 1
title: {fr-CA: "Bases", en: "Basics"}
audience: [all]
questions:
  - id: Q1
    difficulty: 1
    tags: [chain]
    ask: {fr-CA: "Pourquoi?", en: "Why?"}
    options:
      - {id: a, right: true, label: {fr-CA: "Ceci", en: "This"}}
      - {id: b, label: {fr-CA: "Cela", en: "That"}}
      - {id: c, label: {fr-CA: "Rien", en: "Nothing"}}
    because: {fr-CA: "Parce que.", en: "Because."}
""",
    "packs/mini/nudges/ladder.yaml": """\
nudges: ladder
rungs:
  - {id: K1, days: -5, say: {fr-CA: "{hello}, où en est « {item} »?", en: "{hello}, where is {item}?"}}
  - {id: K2, days: 0, say: {fr-CA: "Quel moment vous convient?", en: "When suits you?"}}
  - {id: K3, days: 3, say: {fr-CA: "« {item} » attend.", en: "{item} is open."}}
  - {id: K4, days: 6, after_ignored: 2, say: {fr-CA: "Que faut-il?", en: "What is needed?"}}
  - {id: K7, say: {fr-CA: "Merci.", en: "Thanks."}}
attention:
  {from_time: "08:30", to_time: "17:30", nudges_per_day: 1, nudges_per_week: 3, messages_per_day: 2,
   messages_per_week: 5, hours_between_on_item: 48, items_per_card: 3, unanswered: 2, silent_days: 7,
   max_snoozes: 2, late_after_hours: 4}
""",
    "packs/mini/digests/weekly.yaml": """\
digest: weekly
title: {fr-CA: "Bilan", en: "Digest"}
day: thursday
at: "10:00"
sections: [header, numbers]
metrics: [coverage]
words:
  header: {fr-CA: "Semaine {week}", en: "Week {week}"}
  header_no_gate: {fr-CA: "Semaine {week}", en: "Week {week}"}
  numbers_title: {fr-CA: "Chiffres", en: "Numbers"}
  coverage: {fr-CA: "Couverture", en: "Coverage"}
  definition_coverage: {fr-CA: "Services couverts", en: "Functions covered"}
""",
    "packs/mini/campaigns/visit.yaml": """\
campaign: visit
starts: visit
kind: dialog
audience: [FIN]
opens: "T0+2w"
closes: "L-8w"
at: "09:30"
invite: {fr-CA: "Deux minutes?", en: "Two minutes?"}
""",
}


def files(changes: Mapping[str, str] | None = None) -> dict[str, bytes]:
    """The small pack as bytes, with some files replaced or added."""
    return {name: text.encode() for name, text in {**SMALL, **(changes or {})}.items()}


def planted(name: str, *edits: tuple[str, str]) -> dict[str, str]:
    """One file of the small pack with pieces of its text exchanged; each piece must be there."""
    text = SMALL[name]
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return {name: text}
