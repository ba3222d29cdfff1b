"""A card in the terminal: its words, its choices by number, and what each key stands for."""

from rich.console import Console

from dialogs.activity import Submission
from dialogs.card import Block, Card, Choice, Form, SelectField, Text
from dialogs.question import EDIT
from dialogs.reading import SURE
from dialogs.speech import Speech
from dialogs.words import folded

_STYLES = {"heading": "bold", "quiet": "dim", "quote": "italic", "warning": "yellow", "normal": ""}


def show(screen: Console, card: Card, say: Speech) -> None:
    """Print the card; the first choice of buttons, or the list of the form, is numbered."""
    screen.print()
    numbered = False
    for block in card.blocks:
        match block:
            case Text():
                screen.print(block.plain, style=_STYLES[block.style])
            case Choice(options):
                if numbered:
                    words = " · ".join(option.label for option in options)
                    screen.print(say("cli.play.or", words=words), style="dim")
                    continue
                for number, option in enumerate(options, 1):
                    screen.print(f"  {number}. {option.label}")
                numbered = True
            case Form():
                _show_form(screen, block)
                numbered = True
            case _:
                screen.print(_plain(block))


def keys(card: Card) -> dict[str, Submission]:
    """What may be typed instead of an answer: the label of each button, and the numbers of the first choice."""
    found: dict[str, Submission] = {}
    numbered = False
    for block in card.blocks:
        match block:
            case Choice(options):
                for number, option in enumerate(options, 1):
                    if option.ref.choice == EDIT:
                        continue
                    found.setdefault(folded(option.label), Submission(option.ref))
                    if not numbered:
                        # On a scale the labels are numbers themselves and stand at their own places.
                        found.setdefault(str(number), Submission(option.ref))
                numbered = True
            case Form(fields, submit) if submit.ref.choice == SURE:
                values = {field.id: field.value for field in fields if isinstance(field.value, str)}
                found["1"] = found[folded(submit.label)] = Submission(submit.ref, values)
                numbered = True
            case Form():
                numbered = True
            case _:
                pass
    return found


def _show_form(screen: Console, form: Form) -> None:
    if form.submit.ref.choice == SURE:
        screen.print(f"  1. {form.submit.label}")
    for field in form.fields:
        if isinstance(field, SelectField):
            for number, pick in enumerate(field.options, 1):
                screen.print(f"  {number}. {pick.label}")
        screen.print(f"({field.label})", style="dim")


def _plain(block: Block) -> str:
    return Card("", (block,), "en").plain()
