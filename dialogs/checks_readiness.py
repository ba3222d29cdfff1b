"""Checks checklists and gates: names that exist, dates that follow, and nothing that waits for itself."""

from collections.abc import Iterable

from dialogs.checks import Findings, Names, Taken, choose, unknown
from dialogs.mistakes import Said
from dialogs.schema import Checklist, Gate, Gates
from dialogs.yaml_reader import Path

Edges = dict[str, tuple[tuple[str, Findings, Path], ...]]
"""What each entry waits for, with the place that says so."""
_LEAD = "function_lead."


def check_checklist(checklist: Checklist, found: Findings, names: Names, weeks: int) -> None:
    """Note what is wrong with one checklist. weeks: from the start to the go-live."""
    taken = Taken()
    for index, domain in enumerate(checklist.domains):
        taken.claim(found, ("domains", index, "id"), "domains", domain.id)
    domains = {domain.id for domain in checklist.domains}
    for index, item in enumerate(checklist.items):
        path: Path = ("items", index)
        if item.domain and item.domain not in domains and not found.unsure(("domains",)):
            cause = Said(
                f"Aucun domaine ne s'appelle « {item.domain} ».", f'No domain is called "{item.domain}".'
            )
            found.add((*path, "domain"), cause, choose(item.domain, domains))
        for gate in item.gates:
            unknown(found, (*path, "gates", gate), "gates", gate, names)
        for place, other in enumerate(item.depends_on):
            unknown(found, (*path, "depends_on", place), "items", other, names)
        if item.owner_role.startswith(_LEAD):
            unknown(found, (*path, "owner_role"), "functions", item.owner_role.removeprefix(_LEAD), names)
        if item.phase == "before" and days(item.due, weeks) > weeks * 7:
            found.add((*path, "due"), *_AFTER_LAUNCH)


def check_gates(gates: Gates, found: Findings, names: Names) -> None:
    """Note gates that wait for a gate that does not exist."""
    for index, gate in enumerate(gates.gates):
        for place, other in enumerate(gate.needs_gates):
            unknown(found, ("gates", index, "needs_gates", place), "gates", other, names)


def waits(
    checklists: Iterable[tuple[Checklist, Findings]], gates: Iterable[tuple[Gates, Findings]]
) -> tuple[Edges, Edges]:
    """What items wait for among items, and gates among gates."""
    items: Edges = {}
    for checklist, found in checklists:
        for index, item in enumerate(checklist.items):
            items[item.id] = tuple(
                (one, found, ("items", index, "depends_on", place))
                for place, one in enumerate(item.depends_on)
            )
    between: Edges = {}
    for file, found in gates:
        for index, gate in enumerate(file.gates):
            between[gate.id] = _gate_waits(gate, found, index)
    return items, between


def check_circles(edges: Edges) -> None:
    """Note each circle once, where it closes."""
    done: set[str] = set()
    for start in edges:
        trail: list[str] = []
        stack = [(start, iter(edges[start]))] if start not in done else []
        if stack:
            trail.append(start)
        while stack:
            name, rest = stack[-1]
            step = next(rest, None)
            if step is None:
                done.add(name)
                trail.pop()
                stack.pop()
                continue
            other, found, path = step
            if other in trail:
                found.add(path, *_circle([*trail[trail.index(other) :], other]))
            elif other in edges and other not in done:
                trail.append(other)
                stack.append((other, iter(edges[other])))


def days(rule: str, weeks: int) -> int:
    """Days from the start to the date of a rule such as L-2w, in a project of so many weeks."""
    base, sign, gap = rule.partition("+") if "+" in rule else rule.partition("-")
    start = {"T0": 0, "L": weeks * 7}.get(base, 0)
    if not gap[:-1].isdigit():
        return start
    length = int(gap[:-1]) * (7 if gap.endswith("w") else 1)
    return start - length if sign == "-" else start + length


def _gate_waits(gate: Gate, found: Findings, index: int) -> tuple[tuple[str, Findings, Path], ...]:
    return tuple(
        (one, found, ("gates", index, "needs_gates", place)) for place, one in enumerate(gate.needs_gates)
    )


def _circle(names: list[str]) -> tuple[Said, Said]:
    told = " → ".join(names)
    return (
        Said(
            f"Ces éléments s'attendent l'un l'autre: {told}.", f"These entries wait for each other: {told}."
        ),
        Said("Retirez l'une de ces dépendances.", "Remove one of these dependencies."),
    )


_AFTER_LAUNCH = (
    Said(
        "Ce point de la phase « before » est dû après la mise en ligne.",
        'This item of the phase "before" is due after the go-live.',
    ),
    Said(
        "Avancez la date, ou choisissez la phase during ou after.",
        "Bring the date forward, or choose the phase during or after.",
    ),
)
