"""The weekly digest as the leadership channel reads it, in both languages."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings

from dialogs.card import Card, Facts, Meter
from dialogs.digest import WORDS, definitions_card, digest_card
from dialogs.digest_week import FunctionFigures, GateAhead, Week
from dialogs.measure import Measure
from dialogs.ref import Ref
from dialogs.text import LOCALES, Locale
from tests.dialogs.digest_weeks import (
    FUNCTIONS,
    LEGAL,
    LOGISTICS,
    MODEL,
    MONDAY,
    people,
    week,
    weeks,
    with_measures,
)
from tests.dialogs.spoken import said, speech, weekly

DIGEST = weekly()
BEFORE = week(47)
LIVELY = week(
    measures=with_measures(
        BEFORE, coverage=Measure(11 / 13, 13), overdue=Measure(0.36, 25), readiness=Measure(0.63, 31)
    ),
    closed=4,
    newly_covered=(LOGISTICS, LEGAL),
)


def shown(this: Week, previous: Week | None, locale: Locale = "fr-CA") -> str:
    return plain(digest_card(DIGEST, this, previous, speech(locale)))


def plain(card: Card) -> str:
    return card.plain().replace("\u00a0", " ").replace("\u202f", " ")


def figures(text: str) -> list[str]:
    joined = re.sub(r"(?<=\d)[ ,](?=\d{3})", "", text)
    return sorted(re.findall(r"\d+", joined))


def test_a_lively_week_says_where_it_stands_what_moved_and_how_it_was_counted():
    text = shown(LIVELY, BEFORE)
    assert "Semaine 48 · jours avant « Modèle d'affaires » : 21" in text
    assert "Du 23 novembre 2026 au 29 novembre 2026" in text
    assert "État de préparation, à 63 % : c'est le maillon faible" in text
    assert "Points prêts pour « Modèle d'affaires » : 8 sur 13" in text
    assert "Participation : 42 % (stable)" in text
    assert "Couverture des impacts : 85 % (hausse de 23 points)" in text
    assert "Échéances dépassées : 36 % (hausse de 16 points)" in text
    assert "Préparation prévue à ce jour : 61 %" in text
    assert "Points fermés cette semaine : 4" in text
    assert "Services nouvellement couverts : 2 (Logistique, Juridique)" in text
    assert "Couverture des impacts : de 62 % à 85 %, cause non établie." in text
    assert "personnes invitées : 455; personnes ayant répondu : 191" in text
    assert "Fiabilité : moyenne." in text
    assert "Semaine calme" not in text


def test_the_weakest_link_is_the_one_furthest_below_its_own_target():
    """Would catch participation of 58 % called weaker than readiness of 63 %, though its target is 60 %."""
    this = week(measures={"participation": people(0.58, 455), "readiness": Measure(0.63, 31)})
    assert "État de préparation, à 63 %" in shown(this, None)
    reached = week(measures={"participation": people(0.70, 455), "readiness": Measure(1.0, 31)})
    assert "Toutes les mesures sont à leur cible" in shown(reached, None)


def test_a_quiet_week_is_short_but_keeps_header_numbers_and_method():
    text = shown(week(), BEFORE)
    assert "Semaine calme" in text
    assert "Ce qui bouge" not in text
    assert "Semaine 48" in text
    assert "État de préparation : 55 % (stable)" in text
    assert "Méthode" in text
    assert len(text.split()) < len(shown(LIVELY, BEFORE).split())


def test_the_first_week_compares_nothing():
    text = shown(LIVELY, None)
    assert "Premier bilan" in text
    assert "stable" not in text
    assert "hausse" not in text
    assert "Semaine calme" not in text


def test_new_formulas_restart_the_trend():
    """Would catch a jump in a figure that only comes from counting it otherwise."""
    text = shown(replace(LIVELY, version=2), BEFORE)
    assert "Les formules ont changé" in text
    assert "hausse" not in text


def test_a_week_without_any_answer_says_so_and_shows_no_zero():
    empty = week(measures={}, asked=0, answered=0, gate=None)
    text = shown(empty, None)
    assert "Aucune réponse à mesurer" in text
    assert text.count("pas encore mesuré") == 4
    assert "0 %" not in text
    assert "Semaine 48\n" in text


def test_a_gate_past_its_date_is_said_in_days_late_not_in_days_left():
    late = week(gate=GateAhead("G2", MODEL, -3, 8, 13))
    text = shown(late, BEFORE)
    assert "Date dépassée de 3 jours" in text
    assert "-3" not in text


def test_a_known_cause_takes_the_place_of_cause_not_established():
    logistics = FunctionFigures("LOG", LOGISTICS, {"readiness": Measure(0.2, 8)})
    before = replace(BEFORE, functions=(logistics,))
    after = replace(logistics, measures={"readiness": Measure(0.6, 8)})
    cause = said("30 envois d'essai ont été mesurés", "30 trial parcels were measured")
    this = replace(LIVELY, functions=(after,), causes={"LOG.readiness": cause})
    assert (
        "Logistique · État de préparation : de 20 % à 60 %, car 30 envois d'essai ont été mesurés."
        in shown(this, before)
    )
    assert "Logistique · État de préparation : de 20 % à 60 %, cause non établie." in shown(
        replace(this, causes={}), before
    )


def test_every_waiver_is_told_until_its_last_day():
    text = shown(week(waivers=((MODEL, MONDAY),)), BEFORE)
    assert "Dérogation en cours pour « Modèle d'affaires », jusqu'au 23 novembre 2026." in text


def test_blocked_items_are_told_apart_and_many_functions_are_counted_not_listed():
    text = shown(week(blocked=3, newly_covered=FUNCTIONS), BEFORE)
    assert "Points bloqués : 3" in text
    assert "Services nouvellement couverts : 13\n" in text


def test_its_buttons_open_the_definitions_and_take_an_opinion():
    options = {one.label: one.ref for one in digest_card(DIGEST, LIVELY, BEFORE, speech("en")).options()}
    assert options["Definitions"] == Ref("digest", "2026-W48", "definitions")
    assert options["Useful"] == Ref("digest", "2026-W48", "feedback", "useful")
    assert options["Not useful"] == Ref("digest", "2026-W48", "feedback", "not_useful")
    assert all(Ref.decode(ref.encode()) == ref for ref in options.values())


@pytest.mark.parametrize("locale", LOCALES)
def test_every_figure_has_its_definition(locale: Locale):
    text = plain(definitions_card(DIGEST, speech(locale)))
    for name in DIGEST.metrics:
        assert DIGEST.words[name].say(locale) in text
    assert "÷" in text


def test_the_pack_has_every_key_with_the_agreed_placeholders():
    """Would catch a wording edited so that a figure disappears from the digest."""
    for key, placeholders in WORDS.items():
        assert DIGEST.words[key].placeholders() == placeholders, key


@settings(deadline=None, max_examples=150)
@given(weeks, weeks)
def test_any_week_fits_and_says_the_same_in_every_language(this: Week, previous: Week):
    """Would catch a figure told in one language only, a card beyond 250 words, and too many facts."""
    texts = {locale: shown(this, previous, locale) for locale in LOCALES}
    assert figures(texts["fr-CA"]) == figures(texts["fr-FR"]) == figures(texts["en"])
    for text in texts.values():
        assert len(text.split()) <= 250
        assert "{" not in text
    card = digest_card(DIGEST, this, previous, speech())
    assert all(len(block.pairs) <= 10 for block in card.blocks if isinstance(block, Facts))
    assert all(0 <= block.value <= 1 for block in card.blocks if isinstance(block, Meter))
    first = shown(this, None, "en")
    assert "(stable)" not in first
    assert len(first.split()) <= 250


def test_figures_are_compared_with_four_weeks_ago_and_changes_with_last_week():
    """Would catch a slow drift that no single week shows."""
    then = week(44, measures=with_measures(BEFORE, readiness=Measure(0.30, 31)))
    text = plain(digest_card(DIGEST, week(), BEFORE, speech(), then))
    assert "État de préparation : 55 % (hausse de 25 points)" in text
    assert "Semaine calme" in text, "since last week nothing moved"
