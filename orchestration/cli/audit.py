"""The command `audit`."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from ...agents.models.tariff import Cost
from ...prompts.task import Split
from ...storage.file_names import slug
from ...storage.place import Place
from ..audit import Audit, audit
from ..config import defaults
from ..config.settings import read_config
from ..projections.doubtful_golds import DoubtfulGold, as_csv, doubtful_golds
from ..projections.history import read_history
from ..runtime.assembly import load_named, model_for
from .log_reading import open_log
from .options import PATH, json_option, log_option, log_path
from .output import print_document, print_table, write_text


@dataclass(frozen=True, slots=True)
class AuditDocument:
    """The right answers of a run or of a task that look wrong to a model."""

    subject: str
    """Name of the run or of the task."""
    doubts: list[DoubtfulGold]
    asked: int | None
    """Number of examples that the model was asked about; None for a run, which asked in passing."""
    failed: int
    """Number of these that got no reply."""
    tokens: int
    money: float


@click.command("audit")
@click.argument("name", default="last")
@click.option(
    "--config",
    type=PATH,
    help=f"Ask a model about each example of the task NAME of this configuration.  [e.g. {defaults.CONFIG}]",
)
@click.option(
    "--model",
    default="reference",
    show_default=True,
    help="The model of the configuration to ask: reference, scorer, judge or the name of a role.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="The most examples to ask about: the first of the training and development examples.",
)
@click.option("-o", "--output", type=PATH, help="The file to write or replace.  [default: NAME-golds.csv]")
@log_option
@json_option
def audit_command(
    name: str,
    config: Path | None,
    model: str,
    limit: int,
    output: Path | None,
    log: Place | None,
    json: bool,
) -> None:
    """List right answers in the data that look wrong.

    NAME is a run: its reference agent's model may have doubted examples that it was shown. With --config,
    NAME is a task, and a model is asked about each of its examples.
    """
    found = _of_run(name, log) if config is None else _of_task(name, config, model, limit)
    if json:
        print_document("audit", found)
        return
    _print(found, output)


def _of_run(name: str, log: Place | None) -> AuditDocument:
    with open_log(log_path(log, name)) as reader:
        history = read_history(reader, reader.resolve(name))
    return AuditDocument(history.run, doubtful_golds(history), None, 0, 0, 0.0)


def _of_task(name: str, config: Path, model: str, limit: int) -> AuditDocument:
    settings = read_config(config)
    most: dict[Split, int] = {"train": limit, "dev": limit, "test": 2}
    task = load_named(settings, config.parent, name, "tp audit", most).task
    examples = [*task.train, *task.dev][:limit]

    async def ask() -> Audit:
        pooled = model_for(settings, model)
        try:
            return await audit(task, examples, pooled)
        finally:
            await pooled.model.close()

    result = asyncio.run(ask())
    cost: Cost = result.cost
    return AuditDocument(
        name, list(result.doubts), result.asked, result.failed, cost.tokens, round(cost.money, 9)
    )


def _print(found: AuditDocument, output: Path | None) -> None:
    if found.asked is not None:
        paid = f" for {found.money:.4g}" if found.money else ""
        failed = f"; {found.failed} got no reply" if found.failed else ""
        print(f"Asked about {found.asked} examples{failed}. {found.tokens:,} tokens{paid}.", file=sys.stderr)
    if not found.doubts:
        print(f"No right answer of {found.subject} was doubted.")
        return
    print_table(["id", "gold", "suggested", "times", "reason"], _rows(found.doubts))
    path = output or Path(f"{slug(found.subject)}-golds.csv")
    write_text(path, as_csv(found.doubts))
    print(f"Wrote {path}. Correct the data where you agree, and run again.", file=sys.stderr)


def _rows(doubts: Sequence[DoubtfulGold]) -> list[list[str]]:
    return [[d.id, d.gold, d.suggested or "", str(d.times), d.reason] for d in doubts]
