"""Measure how long the reading commands take on a long log.

    python benchmarks/long_log.py [EVENTS] [--keep FILE]

The log has EVENTS events (100,000 unless given), nearly all of them calls as in a real run. Each command runs
three times as a process of its own, and its best time is printed in seconds. The first run compiles the
program, as on the computer of a user.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

from transfer_prompting.agents.messages import (
    CallFinished,
    CallRequested,
    Message,
    PromptScored,
    ProposalsMade,
    ProposalsRequested,
    Purpose,
    RunFinished,
    RunStarted,
    ScoringRequested,
    Stage,
    StageFinished,
    StageStarted,
    Standing,
)
from transfer_prompting.agents.messages.codec import encode
from transfer_prompting.agents.messages.scores import Measure, Outcome, Score
from transfer_prompting.agents.models.base import ChatMessage, ModelReply, ModelRequest
from transfer_prompting.prompts.candidate import Candidate, make_candidate
from transfer_prompting.prompts.task import Split
from transfer_prompting.storage.event import Draft, event_id
from transfer_prompting.storage.log import EventLog

EXAMPLES, PER_STEP = 40, 8
RUN = "long-0001"
COMMANDS = {
    "tp --help": ("--help",),
    "tp runs": ("runs",),
    "tp show last": ("show", "last"),
    "tp best last": ("best", "last"),
    "tp watch last --no-follow --display plain": ("watch", "last", "--no-follow", "--display", "plain"),
    "  the same with --tail 40": ("watch", "last", "--no-follow", "--display", "plain", "--tail", "40"),
    "tp project last (first time)": ("project", "last", "--rebuild"),
    "tp project last (nothing new)": ("project", "last"),
}


class Place(TypedDict):
    """The fields by which a request to score and its score belong together."""

    stage: Stage
    step: int
    purpose: Purpose
    task: str
    split: Split


class Writer:
    """Makes drafts with the ids that they would have in a real run."""

    def __init__(self) -> None:
        self.said = 0

    def say(self, message: Message, sender: str, to: str, cause: str | None = None) -> Draft:
        """Return the next draft."""
        self.said += 1
        name = event_id(RUN, cause, sender, self.said)
        return Draft(RUN, name, message.kind, message.SCHEMA, sender, (to,), cause, encode(message))


def conversation(events: int) -> Iterator[Draft]:
    """Yield one stage with as many steps as `events` events need."""
    writer = Writer()
    first = make_candidate("Answer the question.", "initial")
    started = RunStarted(
        name="long",
        seed=0,
        config={},
        source_tasks=("a",),
        target_tasks=("a",),
        models={"scorer": "none", "reference": "none"},
        versions={},
    )
    yield writer.say(started, "user", "curator/main")
    steps = events // (PER_STEP * (2 * EXAMPLES + 3))
    yield writer.say(
        StageStarted(stage="target", tasks=("a",), steps=steps, population=(first,)), "curator/main", ""
    )
    step = 0
    while writer.said < events - 2:
        step += 1
        yield from one_step(writer, step)
    best = Standing(candidate=first, score=0.5, by_task={"a": 0.5}, examples=EXAMPLES)
    scored = step * PER_STEP
    closed = StageFinished(
        stage="target",
        steps=step,
        best=best,
        front=(first.id,),
        scored=scored,
        evaluations=scored * EXAMPLES,
        saved=0,
        reason="steps are over",
    )
    yield writer.say(closed, "curator/main", "")
    verdict = RunFinished(
        best=first, initial=first, improved=False, verdict="No gain.", comparisons=(), p_value=None
    )
    yield writer.say(verdict, "curator/main", "")


def one_step(writer: Writer, step: int) -> Iterator[Draft]:
    """Yield proposals and their scores."""
    asked = ProposalsRequested(
        stage="target", step=step, count=PER_STEP, tasks=("a",), history=(), exemplars=()
    )
    yield writer.say(asked, "curator/main", "reference/main")
    made = tuple(make_candidate(f"Answer by rule {step}.{n}. " * 5, "history") for n in range(PER_STEP))
    yield writer.say(
        ProposalsMade(stage="target", step=step, candidates=made), "reference/main", "curator/main"
    )
    for candidate in made:
        yield from one_scoring(writer, step, candidate)


def one_scoring(writer: Writer, step: int, candidate: Candidate) -> Iterator[Draft]:
    """Yield the request, its calls with their replies, and the score."""
    names = tuple(f"dev-{n}" for n in range(EXAMPLES))
    place: Place = {"stage": "target", "step": step, "purpose": "search", "task": "a", "split": "dev"}
    asked = writer.say(
        ScoringRequested(candidate=candidate, examples=names, **place),
        "curator/main",
        "scorer/main",
    )
    yield asked
    calls = [writer.say(_call(candidate, name), "scorer/main", "model/scorer", asked.id) for name in names]
    yield from calls
    reply = ModelReply(text="Answer: yes", finish="stop", prompt_tokens=90, completion_tokens=8)
    for call in calls:
        done = CallFinished(key="k", reply=reply, latency=0.2, attempts=1)
        yield writer.say(done, "model/scorer", "scorer/main", call.id)
    outcomes = tuple(
        Outcome(example=name, answer="yes", correct=True, followed=True, confidence=0.5) for name in names
    )
    value = int(candidate.id[1:], 16) % 1000 / 1000
    score = Score(composite=value, measures={"accuracy": Measure(value=value, n=EXAMPLES)})
    scored = PromptScored(
        candidate=candidate.id,
        score=score,
        outcomes=outcomes,
        prompt_tokens=90,
        completion_tokens=8,
        **place,
    )
    yield writer.say(scored, "scorer/main", "curator/main", asked.id)


def _call(candidate: Candidate, name: str) -> CallRequested:
    said = (
        ChatMessage(role="system", content=candidate.text),
        ChatMessage(role="user", content=f"{name}? " * 20),
    )
    request = ModelRequest(messages=said)
    return CallRequested(model="scorer", key="k", request=request, about=f"{candidate.id} / {name}")


async def write(path: Path, events: int) -> int:
    """Write the log and return the number of its events."""
    log = await EventLog.open(path)
    drafts = list(conversation(events))
    for n in range(0, len(drafts), 2000):
        await log.append(drafts[n : n + 2000])
    await log.close()
    return len(drafts)


def seconds(arguments: tuple[str, ...], log: Path, compiled: Path) -> float:
    """Return the best of three times of a command. `compiled` is the folder for compiled modules."""
    where = () if "--help" in arguments else ("--log", str(log))
    code = "from transfer_prompting.orchestration.cli import main; main()"
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(compiled)
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", code, *arguments, *where],
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        times.append(time.perf_counter() - begun)
    return min(times)


def main() -> None:
    """Write the log, measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("events", nargs="?", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="write the log here, or measure the one that is there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.keep or Path(folder) / "log.db"
        if not path.exists():
            print(f"{asyncio.run(write(path, options.events)):,} events, {path.stat().st_size >> 20} MB")
        for name, arguments in COMMANDS.items():
            print(f"{seconds(arguments, path, Path(folder)):7.2f}  {name}", flush=True)


if __name__ == "__main__":
    main()
