"""What is said to the bot so that it shows every card of its own; each scene goes on from the ones before."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scene:
    """Lines that one person says. name: of the cards of the last line. shared: said in a channel.

    A line with bars is a control (topic|subject|step|choice); `>n` presses the n-th button of the card before;
    an empty line is the arrival of the person.
    """

    name: str
    actor: str
    lines: tuple[str, ...]
    shared: bool = False


SCENES = (
    Scene("welcome", "member", ("",)),
    Scene("welcome-stranger", "stranger", ("",)),
    Scene("help", "member", ("aide",)),
    Scene("help-lead", "lead", ("help",)),
    Scene("help-head", "head", ("help",)),
    Scene("in-private", "member", ("aide",), shared=True),
    Scene("unknown", "member", ("xyzzyplugh",)),
    Scene("unknown-near", "member", ("quizz",)),
    Scene("refused", "member", ("pret",)),
    Scene("items", "head", ("pret",)),
    Scene("overview", "lead", ("ready",)),
    Scene("digest-none", "member", ("bilan",)),
    Scene("digest-preview", "lead", ("bilan",)),
    Scene("pause", "member", ("pause",)),
    Scene("paused", "member", ("pause", ">2")),
    Scene("pause-again", "member", ("pause",)),
    Scene("pause-over", "member", ("do|pause|off",)),
    Scene("stop", "member", ("stop",)),
    Scene("lang", "member", ("langue",)),
    Scene("lang-done", "member", ("langue {locale}",)),
    Scene("launch", "lead", ("impact lancer",)),
    Scene("launch-one", "lead", ("impact launch {function}",)),
    Scene("launch-unknown", "lead", ("impact lancer ZZZ",)),
    Scene("launch-refused", "member", ("impact lancer",)),
    Scene("launched", "lead", ("do|launch:all",)),
    Scene("launch-nobody", "lead", ("impact lancer",)),
    Scene("champion-accepted", "lead", ("do|champion:member||accept",)),
)
