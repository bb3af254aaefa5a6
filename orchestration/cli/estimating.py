"""What `run --dry-run` prints: calls, tokens, money and time of each stage, with nothing spent."""

import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from ...agents.models.base import ChatMessage, Model, ModelRequest
from ...agents.models.tariff import Cost
from ...storage.place import Place, shown
from ..budget.estimate import Estimate, Part
from ..budget.reply_statistics import usage_in
from ..calls.model_pool import ModelPool
from ..config.settings import Config
from ..runtime.assembly import models_for, opening
from .documents import print_json

_QUESTION = ModelRequest(messages=(ChatMessage(role="user", content="Say yes."),), max_tokens=8)


async def print_estimate(config: Config, folder: Path, log: Place, *, probe: bool, as_json: bool) -> None:
    """Print the estimate, from what earlier replies of the same models in `log` have taken.

    With `probe` one tiny call shows how long the scorer's model takes to reply.
    """
    async with models_for(config) as pool:
        taken = usage_in(log, pool)
        parts = Estimate(config, opening(config, folder, pool, _say), pool, taken).parts()
        latencies: dict[str, float] = {role: found.latency for role, found in taken.items()}
        if probe:
            latencies = dict.fromkeys(pool, await _latency(pool["scorer"].model)) | latencies
    rows = [_row(part, latencies.get(part.role), pool) for part in parts]
    total = _total(parts, [row["seconds"] for row in rows])
    replies = {role: found.replies for role, found in taken.items()}
    if as_json:
        told = {"parts": rows, "total": total, "budget": config.budget.limits}
        print_json({**told, "latency": latencies.get("scorer"), "replies": replies})
        return
    Console().print(_table(rows, total))
    limits = ", ".join(f"{name} {most:,.10g}" for name, most in config.budget.limits.items())
    print(f"Budget: {limits or 'none; set one with --budget or [budget]'}.")
    if replies:
        told_by = ", ".join(f"{count} of the {role}" for role, count in replies.items())
        print(f"Typical is what earlier replies in {shown(log)} have taken: {told_by}.")
    else:
        print("Typical is a guess; with replies of the same models in the log it follows from these.")
    if "scorer" not in latencies:
        print("Time is not known before a call: --probe makes one to measure it.")


def _say(remark: str) -> None:
    """Print a remark beside the data on standard output."""
    click.echo(remark, err=True)


async def _latency(model: Model) -> float:
    began = time.perf_counter()
    await model.reply(_QUESTION)
    return round(time.perf_counter() - began, 3)


def _row(part: Part, latency: float | None, pool: ModelPool) -> dict[str, Any]:
    seconds = part.seconds(latency, pool.slots(part.role))
    return {
        "stage": part.stage,
        "role": part.role,
        **_costs(part.most, part.typical),
        "seconds": None if seconds is None else round(seconds, 1),
    }


def _costs(most: Cost, typical: Cost) -> dict[str, Any]:
    return {
        name: {"typical": typical.of(name), "most": most.of(name)} for name in ("calls", "tokens", "money")
    }


def _total(parts: list[Part], seconds: list[float | None]) -> dict[str, Any]:
    most = sum((part.most for part in parts), Cost())
    known = [value for value in seconds if value is not None]
    typical = sum((part.typical for part in parts), Cost())
    return {**_costs(most, typical), "seconds": round(sum(known), 1) if known else None}


def _table(rows: list[dict[str, Any]], total: dict[str, Any]) -> Table:
    table = Table(title="Estimated cost: typical, and at most", title_justify="left", box=None)
    for name in ("stage", "role"):
        table.add_column(name)
    units = ["calls", "tokens", *(["money"] if total["money"]["most"] else [])]
    for name in units:
        table.add_column(name, justify="right", no_wrap=True)
        table.add_column("at most", justify="right", no_wrap=True)
    table.add_column("seconds", justify="right", no_wrap=True)
    for row in (*rows, {"stage": "all", "role": "", **total}):
        cells = [
            f"{row[name][side]:,.{2 if name == 'money' else 0}f}"
            for name in units
            for side in ("typical", "most")
        ]
        seconds = "-" if row["seconds"] is None else f"{row['seconds']:,.0f}"
        table.add_row(row["stage"], row["role"], *cells, seconds)
    return table
