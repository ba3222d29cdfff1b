"""YAML as an editor means it, and files made to hurt."""
# ruff: noqa: E501 - a bomb stays on its line

import time
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialogs import yaml_reader
from dialogs.mistakes import Mistake
from dialogs.yaml_reader import Document, read


@pytest.fixture(params=["CSafeLoader", "SafeLoader"], autouse=True)
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both parsers of PyYAML, since a machine may lack the fast one."""
    loader = getattr(yaml, request.param, None)
    if loader is not None:
        monkeypatch.setattr(yaml_reader, "_Loader", loader)


def data(text: str | bytes) -> Any:
    document = read(text, "f.yaml")
    assert isinstance(document, Document), document
    assert document.mistakes == ()
    return document.data


def mistakes(text: str | bytes) -> tuple[Mistake, ...]:
    document = read(text, "f.yaml")
    return document.mistakes if isinstance(document, Document) else document


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"), ("NO", "NO"), ("yes", "yes"), ("on", "on"), ("22:30", "22:30"), ("2026-02-30", "2026-02-30"),
        ("true", True), ("FALSE", False), ("null", None), ("~", None), ("", None), ("12", 12), ("010", 10),
        ("0o17", 15), ("0x1F", 31), ("1.10", 1.1), ("1e3", 1000.0), (".5", 0.5), ("1_000", "1_000"),
        ("'1'", "1"), ('"true"', "true"), ("0b11", "0b11"), ("-", ["-"]), ("+5", 5), ("é", "é"),
    ],
)  # fmt: skip
def test_an_unquoted_word_means_what_yaml_1_2_says(written: str, meant: object) -> None:
    """Would have caught Norway read as false and half past ten read as 1350."""
    if written == "-":
        assert data("- '-'") == ["-"]
    else:
        assert data(f"a: {written}") == {"a": meant}


def test_every_entry_knows_its_line_and_column() -> None:
    document = read("a: 1\nsteps:\n  - id: x\n    ask: {fr-CA: 'b', en: c}\n", "f.yaml")
    assert isinstance(document, Document)
    assert document.spot(("steps", 0, "id")) == (3, 5)
    assert document.spot(("steps", 0, "ask", "en")) == (4, 23)
    assert document.spot(("steps", 0, "ask", "fr-FR")) == (4, 5), "what is missing is told where it should be"


@pytest.mark.parametrize(
    ("text", "line", "fr", "en"),
    [
        ("a: &x 1", 1, "ancre", "anchor"),
        ("a: 1\nb: *a", 2, "renvoi", "reference"),
        ("a:\n  <<: {b: 1}", 2, "fusion", "Merging"),
        ("a: !!python/object/apply:os.system [ls]", 1, "étiquette", "tag"),
        ("a: 1\nb: 2\na: 3", 3, "figure déjà à la ligne 1", "already there on line 1"),
        ("a:\n\tb: 1", 2, "tabulation", "tab"),
        ("a: 1\n---\nb: 2", 2, "plusieurs documents", "several documents"),
        ("a:\n  1: b", 2, "n'est pas un mot", "not a word"),
        ("[a]: b", 1, "n'est pas un mot", "not a word"),
        (b"a: b\nc: \xff", 2, "UTF-8", "UTF-8"),
        ("a: b\nc: d\x07", 2, "U+0007", "U+0007"),
        ('a: "\\u202e"', 1, "U+202E", "U+202E"),
        ("", 1, "vide", "empty"),
        ("a: 'b", 1, "guillemet", "quotation mark"),
        ("a: b: c", 1, "deux-points", "colon"),
        ("a: @b", 1, "commencer par ce caractère", "begin with this character"),
        ("a: .inf", 1, "trop grand", "too large"),
        ("a: " + "9" * 5000, 1, "trop grand", "too large"),
    ],
)
def test_what_could_surprise_is_refused_with_its_line_in_both_languages(
    text: str | bytes, line: int, fr: str, en: str
) -> None:
    """Would have caught a key that silently wins over its twin, and messages only a programmer understands."""
    first = mistakes(text)[0]
    assert first.line == line
    assert fr in first.tell("fr-CA")
    assert en in first.tell("en")
    assert first.tell("en").startswith(f"f.yaml:{line}: ")
    assert "What to do: " in first.tell("en")
    assert "Quoi faire\u00a0: " in first.tell("fr-CA")


def _laughs() -> str:
    lines = ["a: &a [x, x]"] + [
        f"{new}: &{new} [{', '.join(['*' + old] * 10)}]"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    return "\n".join(lines)


def _merges() -> str:
    lines = ["a: &a {x: 1}"]
    lines += [
        f"{new}: &{new} {{<<: [{', '.join(['*' + old] * 11)}]}}"
        for old, new in zip("abcdefg", "bcdefgh", strict=True)
    ]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "bomb",
    [
        _laughs(), _merges(), "[" * 10_000, "{a: " * 10_000, "- " * 100_000, "- a\n" * 250_000, "- a\n" * 60_000,
        "a: " + "1" * 200_000, "? " * 50_000, "a: &a [*a]", "%YAML " + "9" * 9_000 + ".1\n--- a", "- *a\n" * 40_000,
    ],
    ids=["laughs", "merges", "brackets", "braces", "dashes", "megabyte", "entries", "digits", "keys", "loop", "version", "references"],
)  # fmt: skip
def test_a_bomb_is_refused_at_once(bomb: str) -> None:
    """Would have caught the merge bomb of 413 bytes that takes half a minute to build."""
    started = time.process_time()
    found = mistakes(bomb)
    assert found
    assert len(found) < 200
    assert time.process_time() - started < 2


def test_a_file_saved_by_notepad_with_a_mark_at_its_start_is_read() -> None:
    assert data(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n") == {"a": 1, "b": 2}


def test_twenty_levels_are_read_and_twenty_one_are_not() -> None:
    assert data("[" * 20 + "]" * 20)
    assert "20" in mistakes("[" * 21 + "]" * 21)[0].tell("fr-CA")


_PIECES = st.sampled_from(
    ["a", ":", " ", "\n", "- ", "[", "]", "{", "}", ",", "'", '"', "&a ", "*a", "!x ", "<<", "? ", "|", ">", "#", "%", "@", "\t",
     "---", "...", "\\", "\\x", "\\u12", "0", ".", "~", "é", "\r", "\u2028", "\ufeff", "\x00", "\ud800", "%YAML 9", "  "]
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200), st.lists(_PIECES, max_size=60).map("".join)))
def test_anything_at_all_is_read_or_told_as_mistakes(text: str | bytes) -> None:
    """Would have caught the ValueError of 2026-02-30 and the RecursionError of many brackets."""
    document = read(text, "f.yaml")
    if not isinstance(document, Document):
        assert document
        for mistake in document:
            assert mistake.line >= 1
            assert mistake.tell("fr-FR")
            assert mistake.tell("en")
