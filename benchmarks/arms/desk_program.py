"""The program whose two texts are optimised: it searches an archive, and answers from the notice found.

The archive lies beside this file, in notices.json: what is found, by query.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

NOT_FOUND = "No notice was found."


async def run(example: Mapping[str, Any], prompts: Mapping[str, str], ask: Any) -> str:
    """Return the desk for one message."""
    message, envelope = example["message"], example["envelope"]
    turns = [("system", prompts["retrieve"]), ("user", f"{message}\n{envelope}")]
    query = after("Query:", (await ask("scorer", _messages(turns), text="retrieve")).text)
    notice = search(query)
    ask.note("search", notice)
    turns = [("system", prompts["answer"]), ("user", f"{message}\n{notice}")]
    return after("Answer:", (await ask("scorer", _messages(turns), text="answer")).text)


def search(query: str) -> str:
    """Return what the archive finds."""
    return _notices().get(query.strip(), NOT_FOUND)


def after(mark: str, reply: str) -> str:
    """Return the rest of the line behind `mark`."""
    return reply.partition(mark)[2].strip().partition("\n")[0].strip()


def _messages(turns: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in turns]


@cache
def _notices() -> dict[str, str]:
    return dict(json.loads(Path(__file__).with_name("notices.json").read_text(encoding="utf-8")))
