"""What the arms that optimise a program share: its order, and a way to run it without any library.

The working directory holds a copy of the program, desk_program.py, with its archive.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from typing import Any

from common import BudgetedOrder, read_json

SAID = "This is correct."
"""Feedback on a right answer."""


@dataclass(frozen=True)
class ProgramOrder(BudgetedOrder):
    """The task of an arm that optimises a program; rows have "message", "envelope" and "answer"."""

    texts: dict[str, str]
    """The texts that the search starts from, by the name of their module."""


@dataclass(frozen=True, slots=True)
class Executed:
    """One execution of the program: the query, the notice it found, and the answer."""

    query: str
    notice: str
    answer: str


class Runner:
    """Runs the program on examples. A request that was sent before is not sent again."""

    def __init__(self, order: ProgramOrder) -> None:
        self._order = order
        self._program = program()
        self._workers = ThreadPoolExecutor(order.slots)
        self._said: dict[str, str] = {}
        self._lock = Lock()

    def run(self, texts: Mapping[str, str], rows: Sequence[Mapping[str, str]]) -> list[Executed]:
        """Return what the program does with each row, in order."""
        return list(self._workers.map(lambda row: self._execute(texts, row), rows))

    def accuracy(self, texts: Mapping[str, str], rows: Sequence[Mapping[str, str]]) -> float:
        """Return the share of the rows that are answered correctly."""
        done = self.run(texts, rows)
        return sum(one.answer == row["answer"] for one, row in zip(done, rows, strict=True)) / len(rows)

    def _execute(self, texts: Mapping[str, str], row: Mapping[str, str]) -> Executed:
        ask = _Asking(self)
        answer = asyncio.run(self._program.run(row, texts, ask))
        return Executed(self._program.after("Query:", ask.replies[0]), ask.noted[0], answer)

    def said(self, messages: Sequence[Mapping[str, Any]]) -> str:
        """Return the task model's reply at temperature 0."""
        key = json.dumps(messages)
        if key not in self._said:
            body = {"model": "task", "messages": messages, "temperature": 0.0}
            found = read_json(f"{self._order.url}/chat/completions", body)
            with self._lock:
                self._said[key] = str(found["choices"][0]["message"]["content"])
        return self._said[key]


@dataclass(slots=True)
class _Asking:
    """What the program asks with."""

    runner: Runner
    replies: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)

    async def __call__(self, role: str, messages: Sequence[Mapping[str, Any]], *, text: str) -> Any:
        self.replies.append(self.runner.said(messages))
        return SimpleNamespace(text=self.replies[-1])

    def note(self, what: str, content: str) -> None:
        self.noted.append(content)


def program() -> Any:
    """Return the program in the working directory as a module."""
    spec = spec_from_file_location("desk_program_here", Path("desk_program.py").resolve())
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def feedback(module: str, notice: str, answer: str, right: str) -> str:
    """Return what the metric says to one module: whether the answer was right, and what the search found."""
    said = (
        SAID if answer == right else f"This is wrong. The desk named was {answer}; the right desk is {right}."
    )
    return f"The search found: {notice} {said}" if module == "retrieve" else said
