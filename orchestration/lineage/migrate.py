"""Migrate a run: carry its prompts and what it has taught to another model, in a new run of the same log.

The task and its examples come from the log, so that old and new scores rest on the same rows.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ...agents.messages import (
    CarriedPrompt,
    Message,
    PromptsCarried,
    PromptScored,
    RunFinished,
    RunStarted,
    StageFinished,
    TaskLoaded,
)
from ...agents.messages.migration import CarriedRole
from ...agents.messages.scores import Outcome
from ...agents.models.registry import ModelSettings
from ...agents.stage_names import is_kind
from ...prompts.candidate import Candidate
from ...storage.place import Place
from ...storage.reader import Reader
from ...storage.redaction import PayloadRedacted, is_redacted
from ..calls.model_pool import ModelPool
from ..config.model_names import read_model
from ..config.overrides import apply
from ..config.settings import Config
from ..errors import ConfigError
from ..experience.gathering import load_experience, of_run
from ..projections.history import RunHistory, read_history
from ..projections.target_view import for_target
from ..runtime.admission import admit
from ..runtime.assembly import check_answerable, check_names, versions
from ..runtime.role_loader import role_versions
from ..trust.consent import NO_CONSENT, Consent

_MOST = 6
"""Greatest number of prompts that are scored with the new model."""


def read_scorer(text: str) -> dict[str, Any]:
    """Return the complete settings of the new scorer's model. Raise `ConfigError` if they are invalid."""
    return ModelSettings.model_validate(read_model(text, "--scorer")).model_dump(mode="json")


class Migration:
    """A migration that is planned: the configuration of the new run, and its opening messages."""

    def __init__(
        self,
        log: Place,
        reader: Reader,
        name: str,
        scorer: Mapping[str, Any],
        overrides: Mapping[str, Any],
        target: str | None = None,
        consent: Consent = NO_CONSENT,
    ) -> None:
        """Read the run.

        Raise `ConfigError` if it has not finished or a setting is invalid, `PayloadRedacted` if a message of
        its target was redacted, and `NotApproved` as `admit` does.
        """
        self._log, self.origin = log, name
        recorded, started = admit(reader, name, consent, calls=True)
        history = read_history(for_target(reader, name, target), name)
        finished = history.state.finished
        if finished is None or history.state.no_result:
            raise ConfigError(
                f"Run {name} has no verdict, so there is no prompt to carry over. Finish it first."
            )
        self._loaded = _target(reader, name, history)
        self._carried = _carried(history, finished, started, self._loaded)
        written = {**recorded.model_dump(mode="json"), "source": {}}
        if recorded.targets is not None:
            own = next(t for t in recorded.all_targets if Path(t.task).name == self._loaded.task.name)
            written |= {"target": own.model_dump(mode="json"), "targets": None}
        search = {"search.control": False, **overrides}
        self.config: Config = apply(written, {"models.scorer": dict(scorer), **search})

    def opening(self, pool: ModelPool, say: Callable[[str], None] | None = None) -> list[Message]:
        """Return the opening messages. Raise as `assembly.opening` does if the task cannot be answered."""
        config, task = self.config, self._loaded.task
        check_names(config, [task])
        check_answerable(config, task, pool)
        started = RunStarted(
            name=config.name,
            seed=config.seed,
            config=config.model_dump(mode="json", exclude={"log", "experience"}),
            source_tasks=(),
            target_tasks=(config.only_target.task,),
            models=pool.identities,
            versions=versions() | role_versions(config.roles),
        )
        taught = load_experience([of_run(self._log, self.origin)], task, pool.identities["scorer"], say)
        loaded = self._loaded.model_copy(update={"stage": "target"})
        return [started, taught, self._carried, loaded]


def _target(reader: Reader, run: str, history: RunHistory) -> TaskLoaded:
    """Return the message with the target's task. Raise `PayloadRedacted` if it was redacted."""
    for _, message in history.of(TaskLoaded):
        if is_kind(message.stage, "target"):
            return message
    gone = next(event for event in reader.read(run, kinds=("task.loaded",)) if is_redacted(event))
    raise PayloadRedacted(gone)


def _carried(
    history: RunHistory, finished: RunFinished, started: RunStarted, loaded: TaskLoaded
) -> PromptsCarried:
    answers = _answers(history, loaded.task.name)
    chosen = {
        candidate.id: CarriedPrompt(
            candidate=candidate, role=role, outcomes=tuple(answers[candidate.id].values())
        )
        for candidate, role in _chosen(history, finished, loaded)
    }
    return PromptsCarried(
        origin=history.run, model=started.models.get("scorer", ""), prompts=tuple(chosen.values())
    )


def _chosen(
    history: RunHistory, finished: RunFinished, loaded: TaskLoaded
) -> Iterator[tuple[Candidate, CarriedRole]]:
    """Yield the prompts that matter: the best, the best of the user's own, and others on the Pareto front."""
    yield finished.best, "best"
    if finished.initial != finished.best:
        yield finished.initial, "initial"
    fronts = [m for _, m in history.of(StageFinished) if not is_kind(m.stage, "control")]
    board = history.state.leaderboards[fronts[-1].stage]
    ranked = [row.candidate.id for row in board.ranked() if row.candidate.id in fronts[-1].front]
    taken = {finished.best.id, finished.initial.id}
    left = [id_ for id_ in ranked if id_ not in taken][: _MOST - len(taken)]
    for id_ in left:
        yield history.candidates[id_], "front"


def _answers(history: RunHistory, task: str) -> Mapping[str, Mapping[str, Outcome]]:
    """Return candidate -> example -> outcome on the development examples, without what is not compared."""
    found: dict[str, dict[str, Outcome]] = defaultdict(dict)
    bare = {"output": "", "feedback": {}, "trace": (), "metrics": {}}
    for _, message in history.of(PromptScored):
        if message.task == task and message.split == "dev":
            for outcome in message.outcomes:
                found[message.candidate][outcome.example] = outcome.model_copy(update=bare)
    return found
