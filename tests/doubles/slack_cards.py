"""Cards of every sort, with the words that hostile or careless people type, for tests of a renderer."""

from hypothesis import strategies as st

from dialogs.card import (
    Block,
    Card,
    Chart,
    Choice,
    DateField,
    Facts,
    Form,
    Image,
    Link,
    Meter,
    NumberField,
    Option,
    Pick,
    SelectField,
    Series,
    Span,
    Table,
    Text,
    TextField,
)
from dialogs.ref import Ref

HOSTILE = [
    "<!channel>",
    "<!subteam^S1>",
    "<@U1>",
    "<https://evil|Payroll>",
    "<!date^1^{date}^https://evil|x>",
    "&lt;!here&gt;",
    "[x](javascript:alert(1))",
    "![](https://evil/b.png)",
    "<at>Boss</at>",
    "</script><script>",
    "{{DATE(2026-01-01,SHORT)}}",
    "*bold* _it_ ~no~ `code` :tada:",
    "\u202egnp.exe",
    "x" * 40_000,
    "\ud800 half",
    "https://evil.example/login",
]
WORDS = st.one_of(st.text(max_size=40), st.sampled_from(HOSTILE), st.text(min_size=60, max_size=400))
REFS = st.builds(Ref, st.just("run"), st.from_regex(r"[a-z0-9]{0,12}", fullmatch=True), WORDS)
STYLES = st.sampled_from(["normal", "primary", "danger", "quiet"])
OPTIONS = st.builds(Option, WORDS, REFS, STYLES)
PICKS = st.lists(st.builds(Pick, WORDS, WORDS), max_size=14).map(tuple)
NUMBERS = st.one_of(st.none(), st.floats(width=32))
FIELDS = st.one_of(
    st.builds(TextField, WORDS, WORDS, WORDS, st.booleans(), st.booleans(), st.integers(-5, 5000), WORDS),
    st.builds(
        NumberField,
        WORDS,
        WORDS,
        WORDS,
        st.booleans(),
        NUMBERS,
        NUMBERS,
        st.sampled_from(["", "1,5", "x", "9"]),
    ),
    st.builds(DateField, WORDS, WORDS, WORDS, st.booleans(), st.one_of(st.none(), st.dates())),
    st.builds(
        SelectField,
        WORDS,
        WORDS,
        PICKS,
        WORDS,
        st.booleans(),
        st.booleans(),
        st.integers(0, 4),
        st.lists(WORDS, max_size=3).map(tuple),
    ),
)
ROWS = st.lists(st.lists(WORDS, max_size=22).map(tuple), max_size=5).map(tuple)
VALUES = st.lists(st.floats(), max_size=22).map(tuple)
BLOCKS: st.SearchStrategy[Block] = st.one_of(
    st.builds(
        Text,
        st.lists(st.builds(Span, WORDS, st.booleans()), max_size=3).map(tuple),
        st.sampled_from(["normal", "heading", "quiet", "quote", "warning"]),
    ),
    st.builds(Facts, st.lists(st.tuples(WORDS, WORDS), max_size=10).map(tuple)),
    st.builds(Meter, WORDS, st.floats(), WORDS),
    st.builds(Table, WORDS, st.lists(WORDS, max_size=4).map(tuple), ROWS),
    st.builds(
        Chart,
        st.sampled_from(["bar", "line"]),
        WORDS,
        st.lists(WORDS, max_size=4).map(tuple),
        st.lists(st.builds(Series, WORDS, VALUES), max_size=7).map(tuple),
    ),
    st.builds(Image, st.sampled_from(["https://pics.example/a.png", "javascript:1", "", "https://"]), WORDS),
    st.builds(Link, WORDS, st.sampled_from(["https://bot.example/x", "javascript:1", "https://a b", ""])),
    st.builds(Choice, st.lists(OPTIONS, max_size=6).map(tuple)),
    st.builds(Form, st.lists(FIELDS, max_size=4).map(tuple), OPTIONS),
)
CARDS = st.builds(
    Card, WORDS, st.lists(BLOCKS, max_size=8).map(tuple), st.sampled_from(["fr", "en", "fr-CA", ""])
)
