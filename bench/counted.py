"""Steps of a dialog for callgrind to count: python -m bench.counted ours|botbuilder STEPS.

Instructions are counted from the moment when everything is warm until the last step.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable

from bench.table import NotHereError

WARM_UP = 20


def ours() -> Callable[[int], object]:
    """An answer of the impact interview, from the rows to the outcome with its cards."""
    from bench.interviews import SPEECH, one_impact, state  # noqa: PLC0415
    from dialogs import interview  # noqa: PLC0415

    steps = one_impact()

    def step(number: int) -> object:
        one = steps[number % len(steps)]
        return interview.submit(state(one.given), one.submission, SPEECH)

    return step


def botbuilder() -> Callable[[int], object]:
    """An answer to a prompt of botbuilder-dialogs, with its state in memory."""
    from bench import peers_botbuilder  # noqa: PLC0415

    bot, loop = peers_botbuilder.bot(), asyncio.new_event_loop()
    return lambda number: loop.run_until_complete(bot.hear("U1", f"answer {number}"))


def main(kind: str, steps: int) -> None:
    """Warm up, have the instructions of so many steps counted, end."""
    try:
        step = {"ours": ours, "botbuilder": botbuilder}[kind]()
    except NotHereError as error:
        sys.exit(str(error))
    for number in range(WARM_UP):
        step(number)
    _count("on")
    for number in range(steps):
        step(number)
    _count("off")
    os._exit(0)  # the end of Python is nothing to count


def _count(word: str) -> None:
    subprocess.run(["callgrind_control", "-i", word, str(os.getpid())], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
