"""Who may do what: one table, asked of the person looked up fresh, never of what a button says."""

from bot.store.people import Person
from dialogs.commands import Command

LEADS = ("project_lead", "change_lead", "sponsor", "owner")
READS_CHANNEL = ("sponsor", "executive", "owner", "project_lead", "change_lead")

MAY: dict[Command, tuple[str, ...]] = {
    # command: roles that may use it; nothing means everybody. Owners of items may use READY as well.
    Command.IMPACT: (),
    Command.READY: (*LEADS, "function_lead", "champion", "executive"),
    Command.QUIZ: (),
    Command.DIGEST: (),
    Command.HELP: (),
    Command.PAUSE: (),
    Command.LANG: (),
}


def may(person: Person, command: Command) -> bool:
    """Whether the person's roles allow the command; the figures are for employees of the company alone."""
    if command is Command.DIGEST:
        return person.function is not None or bool(person.roles)
    return not MAY[command] or person.has(*MAY[command])


def may_launch(person: Person) -> bool:
    """Whether the person may start a dialog for others."""
    return person.has("project_lead", "change_lead")


def sees_everything(person: Person) -> bool:
    """Whether the person sees all items, with their proofs and their owners' words."""
    return person.has("project_lead", "change_lead")


def sees_overview(person: Person) -> bool:
    """Whether the person sees the counts of all functions, without items and without anybody's words."""
    return person.has(*READS_CHANNEL)


def previews(person: Person) -> bool:
    """Whether the person reads the figures of a week before they are published."""
    return person.has(*LEADS)


def leads_functions(person: Person) -> frozenset[str]:
    """Codes of the functions whose items the person sees."""
    return frozenset(function for role, function in person.roles if role == "function_lead")


def reads_channel(person: Person) -> bool:
    """Whether the person belongs to the leadership channel."""
    return person.has(*READS_CHANNEL)
