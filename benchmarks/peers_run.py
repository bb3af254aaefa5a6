"""One run of one arm, against a new server and in a process of its own."""

import json
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import urlopen

from landscape import Landscape
from measured import SEARCH, digest, head
from server import ServerOptions, running

from transfer_prompting.prompts.candidate import normalised
from transfer_prompting.prompts.task import Example

TRANSFER = "Transfer-Prompting (transfer)"
"""The arm that needs source tasks, and is left out on landscapes without them."""
ARMS = {
    "Transfer-Prompting": "with_transfer_prompting",
    TRANSFER: "with_transfer_prompting",
    "best initial": "without_library",
    "random search": "without_library",
    "GEPA": "with_gepa",
    "GEPA (DSPy)": "with_dspy",
    "MIPROv2": "with_dspy",
    "COPRO": "with_dspy",
    "CAPO": "with_promptolution",
    "EvoPromptGA": "with_promptolution",
    "OPRO": "with_promptolution",
    "opik MetaPrompt": "with_opik",
}
"""Program in arms/ that has each arm, in the order in which arms run."""
SEARCHES = ("Transfer-Prompting", TRANSFER)
"""Arms that are this project's search."""
OWN = ("best initial", "random search", *SEARCHES)
"""Arms that need only this project."""
FOLDER = Path(__file__).parent / "arms"
"""Folder of the programs."""
_SEEN = 20
"""Number of examples on which a prompt must be asked to count as evaluated."""


@dataclass(slots=True)
class Run:
    """Result of one run of an arm. `true` and `initial` are exact accuracies, `claimed` is the arm's own.

    `curve` has pairs of task model tokens and the best true accuracy among the prompts evaluated by then.
    """

    landscape: str
    seed: int
    arm: str
    initial: float
    attainable: float
    budget: int
    prompt: str = ""
    true: float = 0.0
    claimed: float | None = None
    promoted: bool = False
    seconds: float = 0.0
    task_tokens: int = 0
    task_requests: int = 0
    proposer_tokens: int = 0
    proposer_requests: int = 0
    slot_use: float = 0.0
    curve: list[tuple[int, float]] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    date: str = ""
    commit: str = ""
    code: str = ""
    """Digest of the sources that the run rests on (see `sources`)."""
    error: str = ""

    @property
    def key(self) -> tuple[str, int, str]:
        """The fields that distinguish runs."""
        return self.landscape, self.seed, self.arm

    def as_json(self) -> dict[str, Any]:
        """Return all fields."""
        return asdict(self)


def sources(arm: str) -> tuple[str, ...]:
    """Return the files and folders of this project that decide what an arm finds."""
    world = ("benchmarks/landscape", "benchmarks/server.py", "benchmarks/arms/common.py")
    own = SEARCH if arm in SEARCHES else ()
    return (*own, *world, f"benchmarks/arms/{ARMS[arm]}.py")


def run_arm(arm: str, options: ServerOptions, tokens: int, python: str, timeout: float) -> Run:
    """Let `arm` search with the interpreter `python`. A failure is reported in the run's `error`."""
    world = options.make()
    run = Run(
        landscape=options.landscape,
        seed=options.seed,
        arm=arm,
        date=str(date.today()),
        commit=head(),
        code=digest(sources(arm)),
        initial=world.true_accuracy(world.initial_prompts[0]),
        attainable=world.attainable(),
        budget=tokens,
    )
    with running(options) as url, TemporaryDirectory() as folder:
        order = _order(arm, world, options, url, tokens)
        report = carry_out(_program(arm), order, Path(folder), python, timeout, run)
        stats, prompts = read(url, "stats"), read(url, "prompts")
    count(run, stats, options.slots)
    run.curve = curve(world, prompts)
    if report:
        run.prompt, run.claimed, run.seconds = report["prompt"], report["score"], report["seconds"]
        run.versions = report["versions"]
        run.true = world.true_accuracy(run.prompt)
        run.promoted = normalised(run.prompt) not in map(normalised, world.initial_prompts)
    return run


def curve(world: Landscape, prompts: Iterable[dict[str, Any]]) -> list[tuple[int, float]]:
    """Return each rise of the best true accuracy among the prompts evaluated so far."""
    steps: list[tuple[int, float]] = []
    for prompt in prompts:
        true = world.true_accuracy(prompt["prompt"])
        if prompt["requests"] >= _SEEN and (not steps or true > steps[-1][1] + 1e-9):
            steps.append((prompt["first"], true))
    return steps


def _order(arm: str, world: Landscape, options: ServerOptions, url: str, tokens: int) -> dict[str, Any]:
    task = world.target

    def rows(examples: Iterable[Example]) -> list[dict[str, str]]:
        return [{"question": example.question, "answer": example.answer} for example in examples]

    return {
        "arm": arm,
        "url": url,
        "seed": options.seed,
        "tokens": tokens,
        "slots": options.slots,
        "description": task.description,
        "labels": list(task.answer.labels),
        "prompts": list(task.initial_prompts),
        "train": rows(task.train),
        "dev": rows(task.dev),
        "sources": [
            {
                "name": name,
                "prompts": list(source.initial_prompts),
                "train": rows(source.train),
                "dev": rows(source.dev),
            }
            for name, source in world.tasks.items()
            if source is not task
        ],
    }


def _program(arm: str) -> Path:
    return FOLDER / f"{ARMS[arm]}.py"


def carry_out(
    program: Path, order: dict[str, Any], folder: Path, python: str, timeout: float, run: Run
) -> dict[str, Any] | None:
    """Let an arm's program carry out the order in `folder`, and return its report; None if it failed."""
    order_file, report_file = folder / "order.json", folder / "report.json"
    order_file.write_text(json.dumps(order), encoding="utf-8")
    try:
        done = subprocess.run(
            [python, str(program), str(order_file), str(report_file)],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        run.error = f"no report within {timeout:g} s"
        return None
    if not report_file.exists():
        run.error = done.stderr[-2000:] or f"ended with status {done.returncode} and no report"
        return None
    found: dict[str, Any] = json.loads(report_file.read_text(encoding="utf-8"))
    return found


def read(url: str, what: str) -> Any:
    """Return what the server tells: its "stats" or its "prompts"."""
    with urlopen(f"{url.removesuffix('/v1')}/{what}", timeout=60) as response:
        return json.load(response)


def count(run: Run, stats: dict[str, dict[str, Any]], slots: int) -> None:
    """Enter the server's counts into a run."""
    if task := stats.get("task"):
        run.task_tokens = task["prompt_tokens"] + task["completion_tokens"]
        run.task_requests = task["requests"]
        run.slot_use = round(task["busy_seconds"] / (slots * (task["ended"] - task["began"])), 4)
    if proposer := stats.get("proposer"):
        run.proposer_tokens = proposer["prompt_tokens"] + proposer["completion_tokens"]
        run.proposer_requests = proposer["requests"]
