"""The Python API: describe a task, run it, and use the best prompt. Defaults are those of `Config`."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from ..agents.call_events import CALL_KINDS
from ..agents.messages import Comparison, Message, RunFinished
from ..agents.messages.codec import decode
from ..agents.models.registry import ModelSettings
from ..prompts.loading.task_settings import TaskSettings
from ..prompts.task import AnswerType, Frame
from ..prompts.validation_errors import describe_errors
from ..storage.event import Event
from ..storage.place import Place
from .config import defaults
from .config.functions import with_functions
from .config.settings import Config, invalid, read_config
from .deploy.ready_messages import winner_messages
from .errors import ConfigError
from .projections.no_result import FinalComparison
from .runtime.lifecycle import Watcher, resume, start
from .runtime.own_parts import NO_PARTS, OwnParts
from .trust.consent import Consent

ModelLike = ModelSettings | Mapping[str, Any]


class RunMessage(NamedTuple):
    """A message of a run, with the event that holds it."""

    event: Event
    message: Message


@dataclass(frozen=True, slots=True)
class Task:
    """A task that is not bundled.

    `data` is a file (.csv, .jsonl, .parquet) that is split into train, dev and test, or the settings of
    [tasks.NAME.data]; paths are relative to the run's folder. `columns` maps fields to columns of the file:
    {"question": "text", "answer": "team"}. `answer` is a type, or the settings of [tasks.NAME.answer] such as
    {"type": "number", "marker": "####"}. The other fields are the keys of [tasks.NAME] with the same name;
    with named `texts`, `prompts` is ().
    """

    name: str
    description: str
    prompts: Sequence[str]
    data: str | Path | Mapping[str, Any]
    answer: AnswerType | Mapping[str, Any] = "label"
    labels: Sequence[str] = ()
    columns: Mapping[str, Any] | None = None
    frame: Frame | None = None
    messages: Sequence[Mapping[str, str]] = ()
    texts: Mapping[str, str | Sequence[str]] | None = None
    metric: str | Mapping[str, Any] | None = None
    metrics: Sequence[str | Mapping[str, Any]] = ()

    def settings(self) -> TaskSettings:
        """Return the task's settings as in a configuration. Raise `ConfigError` if they are invalid."""
        data: dict[str, Any] = (
            {"all": str(self.data)} if isinstance(self.data, str | Path) else dict(self.data)
        )
        if self.columns:
            data["columns"] = dict(self.columns)
        answer = {"type": self.answer} if isinstance(self.answer, str) else dict(self.answer)
        # What is not given is left out, so that the settings choose its default.
        further = {
            "initial_prompts": tuple(self.prompts),
            "frame": self.frame,
            "messages": tuple(self.messages),
            "texts": self.texts,
            "metric": self.metric,
            "metrics": tuple(self.metrics),
        }
        written = {
            "description": self.description,
            "answer": {**answer, **({"labels": tuple(self.labels)} if self.labels else {})},
            "data": data,
            **{key: value for key, value in further.items() if value},
        }
        try:
            return TaskSettings.model_validate(written)
        except ValidationError as error:
            raise ConfigError(describe_errors(f"Task {self.name}", error, TaskSettings)) from error


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a finished run."""

    run: str
    """Name of the run in the log."""
    best: str
    """Text of the best prompt."""
    verdict: str
    improved: bool
    comparisons: tuple[Comparison, ...]
    """Comparisons of the best prompt with the best initial prompt, on held-out examples."""
    log: Place
    no_result: str | None = None
    """Reason why the final comparison says nothing, as a sentence; None if it is sound."""

    def messages(self, **columns: Any) -> list[dict[str, Any]]:
        """Return the messages that ask for the answer to one row with the best prompt, as it was measured.

        `columns` are those of the task: its question, context and choices, or those that its own templates
        name; names that are no words of Python are given as **{"Review Text": ...}. Raises `ConfigError` if
        one is missing.
        """
        return winner_messages(self.log, self.run, columns)

    def __str__(self) -> str:
        if self.no_result:
            return f"{self.verdict}\n\nThis run has no result. {self.no_result}\n\n{self.best}"
        return f"{self.verdict}\n\n{self.best}"

    def __rich__(self) -> str:
        from rich.markup import escape as escape_markup

        note = f"[bold red]This run has no result. {self.no_result}[/]\n\n" if self.no_result else ""
        return f"[bold]{escape_markup(self.verdict)}[/bold]\n\n{note}{escape_markup(self.best)}"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(c.title)}</td><td>{c.other:.3f}</td><td>{c.best:.3f}</td>"
            f"<td>{c.low:+.3f} to {c.high:+.3f}</td></tr>"
            for c in self.comparisons
        )
        head = "<tr><th></th><th>initial</th><th>best</th><th>95 % interval of the gain</th></tr>"
        note = f"<p>This run has no result. {escape(self.no_result)}</p>" if self.no_result else ""
        table = f"<table>{head}{rows}</table>"
        return f"<p><b>{escape(self.verdict)}</b></p>{note}{table}<pre>{escape(self.best)}</pre>"


class Run:
    """A run: `await run()`, or `run.sync()`, or `async for event, message in run.events()`.

    `target` is a `Task` or the name of a bundled one, and `sources` are the tasks to learn from first. The
    `scorer`, the `reference` (by default the same) and other `models` are described as in [models.NAME] of a
    configuration, `target_stage` and `source_stage` as in [target] and [source], and any other key as there:
    `search={"answer": "likelihood"}`, `roles={...}`, `name="mine"`. What is left out has the same default as
    in a configuration. Calling an interrupted run again continues it.

    Raises `ConfigError` for invalid settings.
    """

    _own: OwnParts = NO_PARTS
    accept_unreadable: bool = False
    """Whether to go on although hardly any answer of the model can be read. Without this the run stops."""

    def __init__(
        self,
        target: Task | str,
        sources: Sequence[Task | str] = (),
        *,
        scorer: ModelLike,
        reference: ModelLike | None = None,
        models: Mapping[str, ModelLike] | None = None,
        target_stage: Mapping[str, Any] | None = None,
        source_stage: Mapping[str, Any] | None = None,
        log: Place = defaults.LOG,
        folder: str | Path = ".",
        **tables: Any,
    ) -> None:
        own = {task.name: task.settings() for task in (*sources, target) if isinstance(task, Task)}
        written = {
            "log": log,
            "source": {"tasks": tuple(map(_name, sources)), **(source_stage or {})},
            "target": {"task": _name(target), **(target_stage or {})},
            "models": {"scorer": scorer, "reference": reference or scorer, **(models or {})},
            "tasks": own,
            **tables,
        }
        self._folder = Path(folder)
        try:
            self.config = Config.model_validate(written, context={"folder": self._folder})
        except ValidationError as error:
            raise invalid("Run", error) from error
        self.name = ""
        """Name of the run in the log; empty before the first event."""
        self.result: Result | None = None
        self._last = 0

    @classmethod
    def from_config(cls, path: str | Path = defaults.CONFIG) -> "Run":
        """Return the run that a configuration file describes, as `tp run` does."""
        run = cls.__new__(cls)
        run.config, run._folder = read_config(Path(path)), Path(path).parent
        run.forget()
        return run

    def forget(self) -> None:
        """Forget the run, so that the next call starts a new one."""
        self.name, self.result, self._last = "", None, 0

    async def __call__(self) -> Result:
        """Run to the end, or continue an interrupted run. Raise `RunStopped` if it fails."""
        return await self._drive(lambda _event: None)

    def sync(self) -> Result:
        """Run as `await run()` does, from synchronous code, even while an event loop is running."""
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, self()).result()

    async def events(self, *, calls: bool = False) -> AsyncIterator[RunMessage]:
        """Run, and yield each message once it is in the log; with `calls`, also the calls of models.

        Leaving the loop early interrupts the run, which can be continued. Raises the errors of `run()`.
        """
        last = self._last
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        work = asyncio.ensure_future(self._drive(queue.put_nowait))
        work.add_done_callback(lambda _work: queue.put_nowait(None))
        try:
            while (event := await queue.get()) is not None:
                self._last = event.seq
                if event.seq <= last:
                    continue  # yielded before the run was interrupted
                if calls or event.kind not in CALL_KINDS:
                    yield RunMessage(event, decode(event))
            await work
        finally:
            work.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await work

    async def _drive(self, watch: Watcher) -> Result:
        _ = self.config.only_target  # Several targets have several results: `tp run` carries such a run out.
        comparison = FinalComparison()

        def note_name(event: Event) -> None:
            self.name = event.run
            comparison.apply(event)
            watch(event)

        if self.name:
            # Roles and models come from this object, even if `name` was set to a run of another computer.
            name, finished = await resume(
                self.config.log,
                self.name,
                note_name,
                accept_unreadable=self.accept_unreadable,
                consent=Consent(own=with_functions(self.config, self._folder)),
                own=self._own,
            )
        else:
            name, finished = await start(
                self.config,
                self._folder,
                self.config.log,
                note_name,
                accept_unreadable=self.accept_unreadable,
                own=self._own,
            )
        assert isinstance(finished, RunFinished)
        self.result = _result(name, finished, self.config.log, comparison.no_result)
        return self.result


def _result(run: str, finished: RunFinished, log: Place, no_result: str | None) -> Result:
    parts = finished.best.text, finished.verdict, finished.improved, finished.comparisons
    return Result(run, *parts, log, no_result)


def _name(task: Task | str) -> str:
    return task if isinstance(task, str) else task.name
