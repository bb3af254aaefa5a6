"""The table of a migration: what each carried prompt is worth on the old model and on the new one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from ...agents.messages import (
    CarriedPrompt,
    Message,
    MigrationChecked,
    PromptsCarried,
    PromptScored,
    RunFinished,
    RunStarted,
)
from ...agents.messages.scores import Outcome
from ...agents.roles.briefing import model_name
from ...prompts.candidate import Candidate
from ...prompts.sums import summed
from ...storage.reader import Reader
from ...storage.redaction import is_redacted
from .decoding import readable

KINDS = ("run.started", "prompts.carried", "prompt.scored", "migration.checked", "run.finished")


@dataclass(frozen=True, slots=True)
class MigratedPrompt:
    """A prompt on both models. Values are means of the main metric in [0, 1]; None if it was not scored."""

    prompt: str
    role: str
    """What it was in the old run ("best", "initial", "front"), or "tuned" for one of the new run."""
    before: float | None
    after: float | None
    examples: int
    """Number of development examples that both models have answered with it; for a new one, the new model."""
    held_out: float | None
    """Value on the held-out examples with the new model, of a finalist."""
    text: str


@dataclass(frozen=True, slots=True)
class MigrationTable:
    """The prompts of a migration on both models."""

    origin: str
    old_model: str
    new_model: str
    regressed: tuple[str, ...] | None
    """Why the best prompt was tuned again; () if it holds, None before that is known."""
    prompts: tuple[MigratedPrompt, ...]


def migration_table(reader: Reader, run: str) -> MigrationTable | None:
    """Return the table of a run; None if it is no migration, or was redacted."""
    if next(reader.read(run, kinds=("prompts.carried",)), None) is None:
        return None
    events = (event for event in reader.read(run, kinds=KINDS) if not is_redacted(event))
    return table_of([message for event in events if (message := readable(event)) is not None])


def table_of(messages: Sequence[Message]) -> MigrationTable | None:
    """Return the table that the messages of a run tell; None if they carry no prompts."""
    carried = next((m for m in messages if isinstance(m, PromptsCarried)), None)
    started = next((m for m in messages if isinstance(m, RunStarted)), None)
    if carried is None or started is None:
        return None
    answers: dict[str, dict[str, Outcome]] = defaultdict(dict)
    held_out: dict[str, float] = {}
    for message in messages:
        if isinstance(message, PromptScored) and message.split == "test":
            held_out[message.candidate] = message.score.value("metric") or 0.0
        elif isinstance(message, PromptScored):
            answers[message.candidate] |= {outcome.example: outcome for outcome in message.outcomes}
    rows = [_carried(one, answers[one.candidate.id], held_out) for one in carried.prompts]
    verdict = next((m for m in messages if isinstance(m, RunFinished)), None)
    if verdict is not None and verdict.best.id not in {row.prompt for row in rows}:
        rows.append(_tuned(verdict.best, answers[verdict.best.id], held_out))
    checked = next((m for m in messages if isinstance(m, MigrationChecked)), None)
    return MigrationTable(
        origin=carried.origin,
        old_model=model_name(carried.model),
        new_model=model_name(started.models.get("scorer", "")),
        regressed=checked.regressed if checked else None,
        prompts=tuple(rows),
    )


def _carried(
    one: CarriedPrompt, answers: Mapping[str, Outcome], held_out: Mapping[str, float]
) -> MigratedPrompt:
    before = {outcome.example: outcome for outcome in one.outcomes}
    shared = [example for example in before if example in answers]
    id_ = one.candidate.id
    return MigratedPrompt(
        prompt=id_,
        role=one.role,
        before=_mean([before[example] for example in shared or before]),
        after=_mean([answers[example] for example in shared]),
        examples=len(shared),
        held_out=held_out.get(id_),
        text=one.candidate.text,
    )


def _tuned(best: Candidate, answers: Mapping[str, Outcome], held_out: Mapping[str, float]) -> MigratedPrompt:
    after = _mean(list(answers.values()))
    return MigratedPrompt(best.id, "tuned", None, after, len(answers), held_out.get(best.id), best.text)


def _mean(outcomes: Sequence[Outcome]) -> float | None:
    """Return the mean of the main metric, in which examples count with their weight."""
    total = summed(outcome.weight for outcome in outcomes)
    if not outcomes or not total:
        return fmean(o.value for o in outcomes) if outcomes else None
    return summed(outcome.value * outcome.weight for outcome in outcomes) / total
