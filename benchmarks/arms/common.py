"""What every arm of the comparison shares: its order, the server's count of tokens, its report.

An arm is a program that is given two paths, an order and a report to write, both JSON. It sees the labelled
examples and the server's address, never the landscape; the server alone counts what it spends.
"""

import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast
from urllib.request import Request, urlopen

KEY = "unused"
"""The server wants no key, but the clients do."""
_WORKERS = ThreadPoolExecutor(64)


@dataclass(frozen=True, slots=True)
class Order:
    """What an arm is told. `tokens` is its budget, in tokens of the task model as the server counts them.

    `train` and `dev` are rows with "question" and "answer"; all labelled examples that there are.
    """

    arm: str
    url: str
    seed: int
    tokens: int
    slots: int
    description: str
    labels: list[str]
    prompts: list[str]
    train: list[dict[str, str]]
    dev: list[dict[str, str]]
    sources: list[dict[str, Any]]
    """Related tasks, each with its "name", "prompts", "train" and "dev"; for arms that can use them."""

    def counts(self) -> dict[str, Any]:
        """The server's counts of the task model."""
        found = read_json(f"{self.url.removesuffix('/v1')}/stats")
        return cast(
            dict[str, Any], found.get("task", {"requests": 0, "prompt_tokens": 0, "completion_tokens": 0})
        )

    def spent(self) -> int:
        """Tokens of the task model so far."""
        counts = self.counts()
        return int(counts["prompt_tokens"]) + int(counts["completion_tokens"])

    def exhausted(self, *_: object) -> bool:
        """Whether the budget is used up."""
        return self.spent() >= self.tokens

    def ask(self, model: str, text: str, temperature: float) -> str:
        """One reply."""
        messages = [{"role": "user", "content": text}]
        body = {"model": model, "messages": messages, "temperature": temperature}
        found = read_json(f"{self.url}/chat/completions", body)
        return str(found["choices"][0]["message"]["content"])

    def accuracy(self, prompt: str, rows: list[dict[str, str]]) -> float:
        """The observed accuracy of a prompt, its examples asked side by side."""
        texts = [f"{prompt}\n\nText: {row['question']}\nAnswer:" for row in rows]
        replies = _WORKERS.map(lambda text: self.ask("task", text, 0.0), texts)
        right = sum(answer_in(reply) == row["answer"] for reply, row in zip(replies, rows, strict=True))
        return right / len(rows)


def read_json(url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """GET, or POST `body`."""
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, {"Content-Type": "application/json"}), timeout=60) as response:
        return cast(dict[str, Any], json.load(response))


def answer_in(reply: str) -> str:
    """The answer in a reply of the form "Answer: ..."."""
    return reply.partition("Answer:")[2].strip().partition("\n")[0].strip().lower()


def demonstrated(instruction: str, rows: list[tuple[str, str]]) -> str:
    """A prompt as one text, its demonstrations behind the instruction."""
    shown = "\n\n".join(f"Text: {question}\nAnswer: {answer}" for question, answer in rows)
    return f"{instruction}\n\n{shown}\n" if shown else instruction


def main(arms: dict[str, Any], packages: Sequence[str] = ()) -> None:
    """Carry out the order at argv[1] and write the report to argv[2].

    Each arm is a function from an `Order` to its prompt and the score it claims, or None. The report names
    the versions of `packages`.
    """
    order = Order(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    began = time.perf_counter()
    prompt, score = arms[order.arm](order)
    report = {
        "prompt": prompt,
        "score": score,
        "seconds": round(time.perf_counter() - began, 2),
        "versions": {package: version(package) for package in packages},
    }
    Path(sys.argv[2]).write_text(json.dumps(report), encoding="utf-8")
