"""A card as Slack draws it: blocks of a message, a modal or the Home tab."""

import hashlib
import re
from typing import Any, assert_never

from adapters.base import Rendered
from adapters.markup import shortened, slack_text, visible
from adapters.slack.fields import draw_field
from adapters.slack.figures import draw_chart, draw_meter, draw_table
from adapters.slack.origin import Origin
from adapters.slack.sheet import BlockKit, Sheet, Surface
from adapters.slack.words import chunks
from dialogs.card import Block, Card, Chart, Choice, Facts, Form, Image, Link, Meter, Option, Table, Text

PRODUCT = "Embarque"
CALLBACK = "embarque"
MAX_NOTIFICATION = 3000
MAX_MODAL_WORD = 24
MAX_HEADER = 150
MAX_CONTEXT = 2000
MAX_BUTTONS = 25
MAX_BUTTON_LABEL = 75
MAX_BUTTON_VALUE = 2000
MAX_METADATA = 3000
MAX_URL = 3000
MAX_ALT = 2000

_URL = re.compile(r"https?://[^\s<>|\"\\]+")


def render(card: Card, surface: str) -> Rendered:
    """Draw a card for "message", "modal" or "home"; any other word is drawn as a message.

    All words go into rich text elements, plain text or raw cells, never into mrkdwn, so that nothing a person
    typed becomes a mention, a link or emphasis. Headings and quiet lines have no bold: Slack has none there.
    """
    where: Surface = "modal" if surface == "modal" else "home" if surface == "home" else "message"
    sheet = Sheet(where, card.locale)
    title = visible(card.title).strip() or PRODUCT
    form = card.form() if where == "modal" else None
    if where == "modal" and len(title) > MAX_MODAL_WORD:
        _draw_heading(sheet, title)
    for block in card.blocks:
        _draw(sheet, block, is_modal_form=block is form)
    if not sheet.blocks:
        sheet.rich([(title, False)])
    if len(title) > MAX_NOTIFICATION:
        sheet.note(f"the title is longer than {MAX_NOTIFICATION} characters")
    text = slack_text(shortened(title, MAX_NOTIFICATION))
    blocks = sheet.fitted()
    match where:
        case "message":
            payload: dict[str, Any] = {"text": text, "blocks": blocks}
        case "home":
            payload = {"type": "home", "blocks": blocks}
        case "modal":
            payload = _modal(sheet, title, form, blocks)
        case _:
            assert_never(where)
    return Rendered(payload, text, tuple(sheet.downgrades))


def _draw(sheet: Sheet, block: Block, *, is_modal_form: bool) -> None:
    match block:
        case Text():
            _draw_text(sheet, block)
        case Choice():
            _draw_buttons(sheet, block.options)
        case Form():
            _draw_form(sheet, block, has_button=not is_modal_form)
        case Facts(pairs):
            _draw_facts(sheet, pairs)
        case Meter():
            draw_meter(sheet, block)
        case Table():
            draw_table(sheet, block)
        case Chart():
            draw_chart(sheet, block)
        case Image(url, alt):
            _draw_image(sheet, url, alt)
        case Link(label, url):
            _draw_link(sheet, label, url)
        case _:
            assert_never(block)


def _draw_text(sheet: Sheet, text: Text) -> None:
    plain = visible(text.plain)
    if not plain.strip():
        return
    pieces = [(span.text, span.bold) for span in text.spans]
    match text.style:
        case "normal":
            sheet.rich(pieces)
        case "heading":
            _draw_heading(sheet, plain)
        case "quiet":
            for part in chunks(plain, MAX_CONTEXT):
                if part.strip():
                    words = {"type": "plain_text", "text": part, "emoji": False}
                    sheet.blocks.append({"type": "context", "elements": [words]})
        case "quote":
            sheet.rich(pieces, "rich_text_quote")
        case "warning":
            sheet.rich([(" ", False), *pieces], lead={"type": "emoji", "name": "warning"})
        case _:
            assert_never(text.style)


def _draw_facts(sheet: Sheet, pairs: tuple[tuple[str, str], ...]) -> None:
    colon = "\u00a0: " if sheet.is_french else ": "
    pieces: list[tuple[str, bool]] = []
    for number, (label, value) in enumerate(pairs):
        start = "\n" if number else ""
        pieces += [(f"{start}{label}{colon}", True), (value.strip() or "–", False)]
    sheet.rich(pieces)


def _draw_heading(sheet: Sheet, words: str) -> None:
    words = visible(words)
    if len(words) <= MAX_HEADER:
        header = {"type": "plain_text", "text": words, "emoji": False}
        sheet.blocks.append({"type": "header", "text": header})
        return
    sheet.note(f"a heading longer than {MAX_HEADER} characters is drawn as bold text")
    sheet.rich([(words, True)])


def _draw_image(sheet: Sheet, url: str, alt: str) -> None:
    if url.startswith("https://") and _URL.fullmatch(url) and len(url) <= MAX_URL:
        words = sheet.plain(alt, MAX_ALT, "the description of an image")["text"]
        sheet.blocks.append({"type": "image", "image_url": url, "alt_text": words})
        return
    sheet.note("an image without a usable https address is shown as its description")
    sheet.rich([(alt, False)])


def _draw_link(sheet: Sheet, label: str, url: str) -> None:
    words = visible(label).strip() or url
    if _URL.fullmatch(url) and len(url) <= MAX_URL and len(words) <= MAX_URL:
        link = {"type": "link", "url": url, "text": words}
        sheet.blocks.append(
            {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]}
        )
        return
    sheet.note("a link without a usable web address is shown as text")
    sheet.rich([(f"{label} {url}", False)])


def _draw_form(sheet: Sheet, form: Form, *, has_button: bool) -> None:
    mark = _mark([form.submit.ref.encode()])
    for field in form.fields:
        draw_field(sheet, field, f"field-{mark}")
    if has_button:
        _draw_buttons(sheet, (form.submit,))


def _draw_buttons(sheet: Sheet, options: tuple[Option, ...]) -> None:
    for start in range(0, len(options), MAX_BUTTONS):
        row = options[start : start + MAX_BUTTONS]
        refs = [option.ref.encode() for option in row]
        buttons = [_button(sheet, option, refs[number], number) for number, option in enumerate(row)]
        block_id = sheet.block_id(f"choice-{_mark(refs)}")
        sheet.blocks.append({"type": "actions", "block_id": block_id, "elements": buttons})


def _button(sheet: Sheet, option: Option, ref: str, number: int) -> BlockKit:
    label = sheet.plain(option.label, MAX_BUTTON_LABEL, "the label of a button")
    button: BlockKit = {"type": "button", "action_id": f"option-{number}", "text": label}
    value = visible(ref)
    if len(value) <= MAX_BUTTON_VALUE:
        button["value"] = value
    else:
        sheet.note(f"a button carries more than {MAX_BUTTON_VALUE} characters")
    if option.style in ("primary", "danger"):
        button["style"] = option.style
    return button


def _mark(refs: list[str]) -> str:
    """Name what is asked in short: a new name for each question makes Slack forget what was typed before."""
    return hashlib.sha256("\n".join(refs).encode("utf-8", "replace")).hexdigest()[:16]


def _modal(sheet: Sheet, title: str, form: Form | None, blocks: list[BlockKit]) -> dict[str, Any]:
    fits = len(title) <= MAX_MODAL_WORD
    cancel = "Annuler" if sheet.is_french else "Cancel"
    view: dict[str, Any] = {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": {"type": "plain_text", "text": title if fits else PRODUCT, "emoji": False},
        "close": {"type": "plain_text", "text": cancel, "emoji": False},
        "blocks": blocks,
    }
    if form is not None:
        view["submit"] = sheet.plain(form.submit.label, MAX_MODAL_WORD, "the label of a modal's button")
        view["private_metadata"] = Origin(ref=visible(form.submit.ref.encode())).metadata()
        if len(view["private_metadata"]) > MAX_METADATA:
            sheet.note(f"a form carries more than {MAX_METADATA} characters")
            del view["private_metadata"]
    return view
