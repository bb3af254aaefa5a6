"""The command `calibrate-judge`."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from ...agents.grading.judge import JudgeMetric, judges_of
from ...agents.messages.scores import Measure
from ...agents.scoring.agreement import Agreement
from ...prompts.loading.task_loader import EVERY_ROW
from ...prompts.metrics.judge_options import JUDGE
from ...prompts.task import Task
from ..calibration import Calibration, calibrate, rated_examples
from ..config import defaults
from ..config.settings import Config, read_config
from ..errors import ConfigError
from ..runtime.assembly import load_named, models_for
from .options import PATH, json_option
from .output import print_document, print_table


@dataclass(frozen=True, slots=True)
class CalibrationDocument:
    """The agreement of the judge of a task with people."""

    task: str
    metric: str
    rated: int
    """Number of responses that a person has rated, and that the judge was asked about."""
    unreadable: int
    """Number of these that the judge gave no readable grade."""
    agreement: Agreement
    noise: float | None
    """Mean standard deviation of the judge's samples; None with one sample."""
    tokens: int
    money: float


@click.command("calibrate-judge")
@click.argument("name", metavar="TASK")
@click.option("--config", type=PATH, default=defaults.CONFIG, show_default=True, help="The configuration.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="The most rated responses to ask about.",
)
@click.option("--metric", help="The judge, by its name, if the task has several.")
@json_option
def calibrate_judge(name: str, config: Path, limit: int, metric: str | None, json: bool) -> None:
    """Compare the judge of a task with people.

    The judge's metric names the columns of the responses and of the ratings in `calibrate`. The judge's
    model is asked as in a run; no run is begun.
    """
    settings = read_config(config)
    task = load_named(settings, config.parent, name, "tp calibrate-judge", EVERY_ROW).task
    judge = _judge(task, metric)
    found = asyncio.run(_calibrate(task, judge, settings, limit))
    cost = found.cost
    document = CalibrationDocument(
        task=task.name,
        metric=judge.name,
        rated=found.rated,
        unreadable=found.unreadable,
        agreement=found.agreement,
        noise=found.noise,
        tokens=cost.tokens,
        money=round(cost.money, 9),
    )
    if json:
        print_document("calibration", document)
    else:
        _print(document)


def _judge(task: Task, name: str | None) -> JudgeMetric:
    judges = [judge for judge in judges_of(task) if name in (None, judge.name)]
    if not judges:
        wanted = f"called {name!r} " if name else ""
        raise ConfigError(f'Task {task.name} has no judge {wanted}among its metrics: metric = "{JUDGE}".')
    if len(judges) > 1:
        raise ConfigError(
            f"Task {task.name} has several judges: choose one by --metric, of "
            f"{', '.join(judge.name for judge in judges)}."
        )
    return judges[0]


async def _calibrate(task: Task, judge: JudgeMetric, settings: Config, limit: int) -> Calibration:
    if settings.models.judge is None:
        raise ConfigError(f"The judge of task {task.name} asks a model: describe it as [models.{JUDGE}].")
    rated = rated_examples(judge, [*task.train, *task.dev, *task.test])[:limit]
    async with models_for(settings) as pool:
        return await calibrate(task, judge, rated, pool[JUDGE])


def _print(found: CalibrationDocument) -> None:
    paid = f" for {found.money:.4g}" if found.money else ""
    lost = f", of which {found.unreadable} have no readable grade" if found.unreadable else ""
    print(f"Asked about {found.rated} responses{lost}. {found.tokens:,} tokens{paid}.", file=sys.stderr)
    measures = {
        "mean difference": found.agreement.error,
        "bias (judge - people)": found.agreement.bias,
        "rank correlation": found.agreement.correlation,
    }
    print_table(["measure", "value", "95 % interval", "n"], [_row(*item) for item in measures.items()])
    print(_verdict(found))


def _row(name: str, measure: Measure) -> list[str]:
    value = "undefined" if measure.value is None else f"{measure.value:+.3f}".removeprefix("+")
    known = measure.low is not None and measure.high is not None
    interval = f"{measure.low:.3f} to {measure.high:.3f}" if known else ""
    return [name, value, interval, str(measure.n)]


def _verdict(found: CalibrationDocument) -> str:
    """Return what the bias means, in a sentence; and the noise."""
    bias, noise = found.agreement.bias, found.noise
    shown = "" if noise is None else f" Its samples differ by {noise:.3f} (standard deviation)."
    if bias.low is None or bias.high is None:
        return f"There are too few ratings to tell whether the judge is biased.{shown}"
    if bias.low <= 0 <= bias.high:
        return f"No bias shows: the judge and people agree on average, within the interval.{shown}"
    kinder = "kinder" if bias.low > 0 else "stricter"
    return (
        f"The judge is {kinder} than people by {abs(bias.value or 0.0):.3f} of the scale on average. "
        f"All prompts share a bias, so comparisons may still hold; absolute values do not.{shown}"
    )
