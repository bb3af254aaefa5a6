"""A worker process: takes jobs from standard input, one a line, and answers each with a line.

It ends when its input ends, so it never outlives the process that has started it.
"""

import asyncio
import os
import sys
import threading
from queue import SimpleQueue

from .carry_out import carry_out
from .job import CellJob


def main() -> None:
    """Work until there is no more input."""
    # What is printed by accident, by a library or by code of the user's, must not mix with the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    jobs: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_read, args=(jobs,), daemon=True).start()
    while True:
        ended = asyncio.run(carry_out(CellJob.model_validate_json(jobs.get())))
        print(ended.model_dump_json(), file=answers, flush=True)


def _read(jobs: "SimpleQueue[str]") -> None:
    """Pass on the lines of standard input. Its end ends the process, even while a run goes on.

    All that a run has written is committed by then, and the rest is done again when it is resumed.
    """
    for line in sys.stdin:
        jobs.put(line)
    os._exit(0)


if __name__ == "__main__":
    main()
