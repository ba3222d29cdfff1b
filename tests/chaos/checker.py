"""The checker: it reads only what happened outside and the database, and says what was lost, doubled or mixed up.

python -m tests.chaos.checker HISTORY.jsonl DATABASE_URL prints a line for each fault and ends with 1 when there is one.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos import facts as database
from tests.chaos.facts import Facts
from tests.chaos.history import History, Line

ENDS = {"sent", "failed", "late", "cancelled"}
POST = "chat.postMessage"


@dataclass(slots=True)
class Told:
    """The history, sorted. said: each person's stimuli in order. posted: what Slack took, in its order.

    unknown: for each key, the answers that Slack gave and nobody heard. kills: how often a process died. named: how
    often of these at a named point.
    """

    finds: bool = True
    kills: int = 0
    named: int = 0
    said: dict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))
    acknowledged: set[str] = field(default_factory=set)
    posted: list[Line] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)


def told(lines: Iterable[Line]) -> Told:
    """The history as the checks need it, which is a part of it."""
    found = Told()
    for line in lines:
        match line["by"], line["phase"], line["op"]:
            case "runner", "note", "world":
                found.finds = line["finds"]
            case "runner", "note", "kill":
                found.kills += 1
                found.named += line["point"] != "random"
            case "person", "invoke", _:
                found.said[line["person"]].append(line)
            case "person", "ok", op:
                found.acknowledged.add(op)
            case "slack", "ok" | "unknown" as phase, _ if line["method"] == POST:
                found.posted.append(line)
                found.unknown[line["key"]] += phase == "unknown"
            case "slack", "fail", _ if line["error"] != "ratelimited":
                found.refused[line["key"]] += 1
            case _:
                pass
    return found


def faults(lines: Iterable[Line], facts: Facts) -> list[str]:
    """Every broken promise, a sentence each; empty when all are kept."""
    history = told(lines)
    return [
        *_answers(history, facts),
        *_ends(history, facts),
        *_doubles(history, facts),
        *_order(history, facts),
        *_audience(history, facts),
        *_days(facts),
    ]


def _answers(history: Told, facts: Facts) -> Iterator[str]:
    """Every acknowledged answer is stored exactly once and in order, and nothing that nobody said."""
    for person in sorted({*history.said, *facts.answers}):
        said = [one for one in history.said[person] if one["step"]]
        sure = [one for one in said if one["op"] in history.acknowledged]
        stored = facts.answers.get(person, [])
        for number, line in enumerate(sure):
            if number >= len(stored) or not _same(line, stored[number]):
                got = stored[number] if number < len(stored) else None
                yield f"{person}: answer {number} {line['step']} {line['text']!r} acknowledged, stored is {got}"
                break
        else:
            # What was said last may be stored without anybody having heard so; nothing else may.
            open_ = [one for one in said if one["op"] not in history.acknowledged]
            rest = stored[len(sure) :]
            if len(rest) > len(open_) or any(not _same(*pair) for pair in zip(open_, rest, strict=False)):
                yield f"{person}: {len(rest)} answers stored that nobody gave: {rest[:3]}"


def _same(line: Line, stored: tuple[str, Any]) -> bool:
    return line["step"] == stored[0] and (line.get("value") is None or line["value"] == stored[1])


def _ends(history: Told, facts: Facts) -> Iterator[str]:
    """Every delivery has an end, a sent one stands in the conversation, the others say why they do not."""
    stamps = defaultdict(set)
    for line in history.posted:
        stamps[line["key"]].add(line["ts"])
    for key, row in facts.deliveries.items():
        if row["status"] not in ENDS:
            yield f"{key}: still {row['status']} ({row['reason']})"
        elif row["status"] != "sent" and not row["reason"]:
            yield f"{key}: {row['status']} without a reason"
        elif row["status"] == "failed" and not history.refused[key] and row["operation"] == "post":
            yield f"{key}: failed ({row['reason']}) although Slack refused nothing"
        elif row["status"] == "sent" and row["operation"] == "post" and row["message"] not in stamps[key]:
            yield f"{key}: sent as {row['message']}, in the conversation stands {sorted(stamps[key]) or 'nothing'}"
    for key in stamps.keys() - facts.deliveries.keys():
        yield f"{key}: posted, but never written"


def _doubles(history: Told, facts: Facts) -> Iterator[str]:
    """A message comes once; where nobody can look, once more at most for each outcome that was unknown."""
    del facts
    for key, times in Counter(line["key"] for line in history.posted).items():
        allowed = 1 if history.finds else 1 + history.unknown[key] + history.kills
        if times > allowed:
            yield f"{key}: posted {times} times, {allowed} allowed"


def _order(history: Told, facts: Facts) -> Iterator[str]:
    """Within a conversation, messages came in the order in which they were written."""
    newest: dict[str, tuple[int, str]] = {}
    seen: set[str] = set()
    for line in history.posted:
        row = facts.deliveries.get(line["key"])
        if row is None or line["key"] in seen:
            continue
        seen.add(line["key"])
        before = newest.get(line["channel"])
        if before is not None and before[0] > row["number"]:
            yield f"{line['channel']}: {line['key']} ({row['number']}) came after {before[1]} ({before[0]})"
            continue
        newest[line["channel"]] = (row["number"], line["key"])


def _audience(history: Told, facts: Facts) -> Iterator[str]:
    """Nobody got a message but the person, or the channel, that its row names."""
    for line in history.posted:
        row = facts.deliveries.get(line["key"])
        if row is None:
            continue
        if row["person"]:
            strangers = set(line["to"]) - facts.users.get(row["person"], set())
            if strangers:
                yield f"{line['key']}: for {row['person']}, also read by {sorted(strangers)}"
        elif line["channel"] != facts.conversations.get(row["channel"] or ""):
            yield f"{line['key']}: for the channel {row['channel']}, posted to {line['channel']}"


def _days(facts: Facts) -> Iterator[str]:
    """A rule speaks to a person at most once on a local date."""
    for (rule, person, day), times in Counter(facts.days).items():
        if times > 1:
            yield f"{rule}: {times} times for {person} on {day}"


def main() -> None:
    """Check a history against a database."""
    kept = History(Path(sys.argv[1]))
    found = faults(kept.lines(), database.read(sys.argv[2]))
    history = told(kept.lines())
    counts = {
        "acknowledged": len(history.acknowledged),
        "posted": len(history.posted),
        "kills": history.kills,
        "faults": len(found),
    }
    told_counts = ", ".join(f"{count} {what}" for what, count in counts.items())
    sys.stdout.write("\n".join([*found, told_counts]) + "\n")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
