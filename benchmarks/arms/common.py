"""The parts that all arms of the comparison share: the order, the count of tokens, the report.

An arm is a program that gets the paths of two JSON files: an order to read and a report to write. It sees
the labelled examples and the server's address, but not the landscape. Only the server counts what it spends.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast
from urllib.request import Request, urlopen

KEY = "unused"
"""API key for clients that require one. The server ignores it."""
_WORKERS = ThreadPoolExecutor(64)


@dataclass(frozen=True)
class BudgetedOrder:
    """The task of any arm. `tokens` is its budget, in tokens of the task model as counted by the server.

    `train` and `dev` are all the labelled examples that exist.
    """

    arm: str
    url: str
    seed: int
    tokens: int
    slots: int
    description: str
    labels: list[str]
    train: list[dict[str, str]]
    dev: list[dict[str, str]]

    def counts(self) -> dict[str, Any]:
        """Return the server's counts of the task model."""
        found = read_json(f"{self.url.removesuffix('/v1')}/stats")
        return cast(
            dict[str, Any], found.get("task", {"requests": 0, "prompt_tokens": 0, "completion_tokens": 0})
        )

    def spent(self) -> int:
        """Return the tokens of the task model spent so far."""
        counts = self.counts()
        return int(counts["prompt_tokens"]) + int(counts["completion_tokens"])

    def exhausted(self, *_: object) -> bool:
        """Return whether the budget is used up."""
        return self.spent() >= self.tokens


@dataclass(frozen=True)
class Order(BudgetedOrder):
    """The task of an arm that optimises one prompt; rows have "question" and "answer"."""

    prompts: list[str]
    sources: list[dict[str, Any]]
    """Related tasks, each with its "name", "prompts", "train" and "dev", for arms that can use them."""

    def ask(self, model: str, text: str, temperature: float) -> str:
        """Return the reply to one turn."""
        return self.ask_turns(model, [{"role": "user", "content": text}], temperature)

    def ask_turns(self, model: str, messages: Sequence[Mapping[str, Any]], temperature: float) -> str:
        """Return the reply to several turns."""
        body = {"model": model, "messages": messages, "temperature": temperature}
        found = read_json(f"{self.url}/chat/completions", body)
        return str(found["choices"][0]["message"]["content"])

    def accuracy(self, prompt: str, rows: list[dict[str, str]]) -> float:
        """Return the observed accuracy of a prompt, asking all examples concurrently."""
        texts = [f"{prompt}\n\nText: {row['question']}\nAnswer:" for row in rows]
        replies = _WORKERS.map(lambda text: self.ask("task", text, 0.0), texts)
        right = sum(answer_in(reply) == row["answer"] for reply, row in zip(replies, rows, strict=True))
        return right / len(rows)


def read_json(url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Send a GET request, or a POST request with `body`, and return the JSON reply."""
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, {"Content-Type": "application/json"}), timeout=60) as response:
        return cast(dict[str, Any], json.load(response))


def answer_in(reply: str) -> str:
    """Return the answer in a reply of the form "Answer: ..."."""
    return reply.partition("Answer:")[2].strip().partition("\n")[0].strip().lower()


def demonstrated(instruction: str, rows: list[tuple[str, str]]) -> str:
    """Return a prompt as one text, with its demonstrations after the instruction."""
    shown = "\n\n".join(f"Text: {question}\nAnswer: {answer}" for question, answer in rows)
    return f"{instruction}\n\n{shown}\n" if shown else instruction


def main(arms: dict[str, Any], packages: Sequence[str] = (), kind: Callable[..., Any] = Order) -> None:
    """Carry out the order at argv[1] and write the report to argv[2].

    Each arm is a function from an order to its prompt and the score that it claims, or None. The report
    names the versions of `packages`. `kind` makes the order from its fields.
    """
    order = kind(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    began = time.perf_counter()
    prompt, score = arms[order.arm](order)
    report = {
        "prompt": prompt,
        "score": score,
        "seconds": round(time.perf_counter() - began, 2),
        "versions": {package: version(package) for package in packages},
    }
    Path(sys.argv[2]).write_text(json.dumps(report), encoding="utf-8")
