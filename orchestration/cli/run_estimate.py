"""Output of `run --dry-run`: the calls, tokens, money and time that a run would need."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from rich.table import Table

from ...agents.messages import TaskLoaded
from ...agents.models.base import ChatMessage, Model, ModelRequest
from ...agents.models.tariff import Cost
from ...agents.scoring.power import usual_gain
from ...agents.stage_names import is_kind
from ...storage.place import Place, shown
from ..budget.estimate import Estimate, Part, total
from ..budget.reply_statistics import usage_in
from ..calls.model_pool import ModelPool
from ..config.budget_settings import Limit
from ..config.settings import Config
from ..runtime.assembly import models_for, opening
from .output import print_document
from .screen import open_screen

_LARGE_GAIN = 0.2
"""Smallest gain that a test set should be able to show, at most."""
_PROBE = ModelRequest(messages=(ChatMessage(role="user", content="Say yes."),), max_tokens=8)


@dataclass(frozen=True, slots=True)
class Range:
    """A quantity: what is typical, and what it is at most."""

    typical: float
    most: float


@dataclass(frozen=True, slots=True)
class TotalEstimate:
    """The cost of a whole run. `seconds` is null if the time of a reply is unknown."""

    calls: Range
    tokens: Range
    money: Range
    seconds: float | None


@dataclass(frozen=True, slots=True)
class PartEstimate(TotalEstimate):
    """The cost of one role in one stage."""

    stage: str
    role: str


@dataclass(frozen=True, slots=True)
class EstimateDocument:
    """The estimated cost of a run, or of all runs of a cross-validation; nothing was spent on it.

    `latency` is the time of one reply of the scorer's model in seconds, null if it is unknown. `replies` is
    the number of earlier replies in the log, by role, from which typical values follow.
    """

    parts: list[PartEstimate]
    total: TotalEstimate
    budget: dict[Limit, float]
    """Limits of each run."""
    latency: float | None
    replies: dict[str, int]
    test_examples: int
    """Number of held-out examples, of all runs together."""
    smallest_gain: float
    """Difference in the main metric that these examples show with a probability of 80 %."""
    runs: int = 1
    """Number of runs."""


async def print_estimate(
    configs: Sequence[Config], folder: Path, log: Place, *, probe: bool, as_json: bool
) -> None:
    """Print the estimate, based on earlier replies of the same models in `log` if there are any.

    `configs` are those of one run, or of the folds of a cross-validation, which have the same models. With
    `probe`, one tiny call measures how long the scorer's model takes to reply.
    """
    found = await _estimate(configs, folder, log, probe=probe)
    if as_json:
        print_document("estimate", found)
        return
    open_screen().print(_table(found))
    limits = ", ".join(f"{name} {most:,.10g}" for name, most in found.budget.items())
    print(f"Budget{_of_each(found)}: {limits or 'none; set one with --budget or [budget]'}.")
    if found.replies:
        sources = ", ".join(f"{count} of the {role}" for role, count in found.replies.items())
        print(f"Typical is what earlier replies in {shown(log)} have taken: {sources}.")
    else:
        print("Typical is a guess; with replies of the same models in the log it follows from these.")
    print(_power(found))
    if found.latency is None and found.runs == 1:
        print("The time is unknown before the first call: --probe makes one call to measure it.")


async def _estimate(configs: Sequence[Config], folder: Path, log: Place, *, probe: bool) -> EstimateDocument:
    async with models_for(configs[0]) as pool:
        taken = usage_in(log, pool)
        # The remarks on the data are much the same for each fold.
        openings = [opening(c, folder, pool, _say if c is configs[0] else None) for c in configs]
        each = [
            Estimate(config, messages, pool, taken).parts()
            for config, messages in zip(configs, openings, strict=True)
        ]
        parts = [total(of_runs) for of_runs in zip(*each, strict=True)]
        latencies: dict[str, float] = {role: found.latency for role, found in taken.items()}
        if probe:
            latencies = dict.fromkeys(pool, await _latency(pool["scorer"].model)) | latencies
    loaded = [m for messages in openings for m in messages if isinstance(m, TaskLoaded)]
    targets = [message.task for message in loaded if is_kind(message.stage, "target")]
    held_out = sum(len(task.test) for task in targets)
    rows = [_part(part, latencies.get(part.role), pool) for part in parts]
    return EstimateDocument(
        parts=rows,
        total=_total(parts, [row.seconds for row in rows]),
        budget=configs[0].budget.limits,
        latency=latencies.get("scorer"),
        replies={role: found.replies for role, found in taken.items()},
        test_examples=held_out,
        smallest_gain=round(usual_gain(targets[0], held_out), 3),
        runs=len(configs),
    )


def _of_each(found: EstimateDocument) -> str:
    return f" of each of the {found.runs} runs" if found.runs > 1 else ""


def _power(found: EstimateDocument) -> str:
    """Return what the final comparison can show, with advice if that is little."""
    gain = f"{100 * found.smallest_gain:.0f} points"
    said = f"With {found.test_examples} held-out examples, a gain of about {gain} can be shown."
    if found.smallest_gain <= _LARGE_GAIN:
        return said
    mend = "add rows"
    if found.runs == 1:
        mend += ", raise target.test_examples, or hold out each row once with `tp cross-validate`"
    return f"{said} Smaller ones will look like chance: {mend}."


def _say(remark: str) -> None:
    """Print a remark on stderr, apart from the data on stdout."""
    click.echo(remark, err=True)


async def _latency(model: Model) -> float:
    began = time.perf_counter()
    await model.reply(_PROBE)
    return round(time.perf_counter() - began, 3)


def _part(part: Part, latency: float | None, pool: ModelPool) -> PartEstimate:
    seconds = part.seconds(latency, pool.slots(part.role))
    return PartEstimate(
        calls=_range(part.most, part.typical, "calls"),
        tokens=_range(part.most, part.typical, "tokens"),
        money=_range(part.most, part.typical, "money"),
        seconds=None if seconds is None else round(seconds, 1),
        stage=part.stage,
        role=part.role,
    )


def _total(parts: Sequence[Part], seconds: Sequence[float | None]) -> TotalEstimate:
    most = sum((part.most for part in parts), Cost())
    typical = sum((part.typical for part in parts), Cost())
    known = [value for value in seconds if value is not None]
    return TotalEstimate(
        calls=_range(most, typical, "calls"),
        tokens=_range(most, typical, "tokens"),
        money=_range(most, typical, "money"),
        seconds=round(sum(known), 1) if known else None,
    )


def _range(most: Cost, typical: Cost, name: str) -> Range:
    return Range(typical.of(name), most.of(name))


def _table(found: EstimateDocument) -> Table:
    table = Table(title="Estimated cost: typical, and at most", title_justify="left", box=None)
    table.add_column("stage")
    table.add_column("role")
    units = ["calls", "tokens", *(["money"] if found.total.money.most else [])]
    for name in units:
        table.add_column(name, justify="right", no_wrap=True)
        table.add_column("at most", justify="right", no_wrap=True)
    table.add_column("seconds", justify="right", no_wrap=True)
    for part in found.parts:
        table.add_row(part.stage, part.role, *_cells(part, units))
    table.add_row("all", "", *_cells(found.total, units))
    return table


def _cells(estimate: TotalEstimate, units: Sequence[str]) -> list[str]:
    ranges = {"calls": estimate.calls, "tokens": estimate.tokens, "money": estimate.money}
    cells = [
        f"{value:,.{2 if name == 'money' else 0}f}"
        for name in units
        for value in (ranges[name].typical, ranges[name].most)
    ]
    return [*cells, "-" if estimate.seconds is None else f"{estimate.seconds:,.0f}"]
