"""An engine in a process of its own: says on standard output which jobs begin and end. Arguments: url, replica."""

import asyncio
import sys

from bot.engine import DbosEngine


def say(*words: object) -> None:
    """One line, at once."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def work(number: int, _hop: int) -> None:
    """A moment of it; in the eighth lane longer than anybody waits."""
    say("begun", number)
    await asyncio.sleep(300.0 if number % 8 == 7 else 0.2)
    say("ended", number)


async def main(url: str, replica: str) -> None:
    """Run until killed."""
    await DbosEngine(url, replica, 0.05).launch(work)
    say("ready")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
