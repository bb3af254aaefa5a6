"""The main job from Python: describe a task, run, take the prompt. The defaults are those of `Config`."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from ..agents.call_events import CALL_KINDS
from ..agents.messages import Comparison, Message, RunFinished
from ..agents.messages.codec import decode
from ..agents.models.registry import ModelSettings
from ..prompts.loading.task_settings import DataSettings, TaskSettings
from ..storage.event import Event
from ..storage.place import Place
from .config import defaults
from .config.settings import Config, explain, read_config
from .errors import ConfigError
from .runtime.lifecycle import Watcher, resume, start

ModelLike = ModelSettings | Mapping[str, Any]
AnswerType = Literal["label", "letter", "number", "text"]


class Told(NamedTuple):
    """A message of a run, and the event that carried it."""

    event: Event
    message: Message


@dataclass(frozen=True, slots=True)
class Task:
    """A task of one's own.

    `data` is a file (.csv, .jsonl, .parquet) that is cut into train, dev and test, or the settings of
    [tasks.NAME.data]; paths are relative to the run's folder. `columns` says which column holds which field:
    {"question": "text", "answer": "team"}.
    """

    name: str
    description: str
    prompts: Sequence[str]
    data: str | Path | Mapping[str, Any]
    answer: AnswerType = "label"
    labels: Sequence[str] = ()
    columns: Mapping[str, str] | None = None

    def settings(self) -> TaskSettings:
        """As a configuration has it. Raises `ConfigError` for what does not do."""
        data: dict[str, Any] = (
            {"all": str(self.data)} if isinstance(self.data, str | Path) else dict(self.data)
        )
        if self.columns:
            data["columns"] = dict(self.columns)
        try:
            return TaskSettings(
                description=self.description,
                initial_prompts=tuple(self.prompts),
                answer={"type": self.answer, "labels": tuple(self.labels)},  # type: ignore[arg-type]
                data=DataSettings(**data),
            )
        except ValidationError as error:
            raise ConfigError(explain(f"Task {self.name}", error)) from error


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended."""

    run: str
    """Its name in the log."""
    best: str
    """The text of the best prompt."""
    verdict: str
    improved: bool
    comparisons: tuple[Comparison, ...]
    """Best prompt minus the best of one's own, on held-out examples."""
    log: Place

    def __str__(self) -> str:
        return f"{self.verdict}\n\n{self.best}"

    def __rich__(self) -> str:
        from rich.markup import escape as plain

        return f"[bold]{plain(self.verdict)}[/bold]\n\n{plain(self.best)}"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(c.measure)}</td><td>{c.other:.3f}</td><td>{c.best:.3f}</td>"
            f"<td>{c.low:+.3f} to {c.high:+.3f}</td></tr>"
            for c in self.comparisons
        )
        head = "<tr><th>measure</th><th>initial</th><th>best</th><th>95 % interval of the gain</th></tr>"
        return (
            f"<p><b>{escape(self.verdict)}</b></p><table>{head}{rows}</table><pre>{escape(self.best)}</pre>"
        )


class Run:
    """A run: `await run()`, or `run.sync()`, or `async for event, message in run.events()`.

    `target` is a task of one's own or the name of a bundled one, `sources` those to learn from first.
    `scorer`, `reference` (by default the same) and those of `models` are described as in [models.NAME] of a
    configuration, `target_stage` and `source_stage` as in [target] and [source], and any other table goes by
    its name: `search={"answer": "likelihood"}`, `roles={...}`, `name="mine"`. What is left out has the
    default that it has there. Calling a run again goes on where it was interrupted.

    Raises `ConfigError` for settings that do not do.
    """

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
            raise ConfigError(explain("Run", error)) from error
        self.name = ""
        """In the log; empty before the first event."""
        self.result: Result | None = None
        self._last = 0

    @classmethod
    def from_config(cls, path: str | Path = defaults.CONFIG) -> "Run":
        """The run that a configuration file describes, as `tp run` has it."""
        run = cls.__new__(cls)
        run.config, run._folder = read_config(Path(path)), Path(path).parent
        run.forget()
        return run

    def forget(self) -> None:
        """Begin a new run with the next call."""
        self.name, self.result, self._last = "", None, 0

    async def __call__(self) -> Result:
        """Run to the end, or go on where an interrupted run was. Raises `RunStopped` where it fails."""
        return await self._carry(lambda _event: None)

    def sync(self) -> Result:
        """As `await run()`, from code that is not asynchronous, also where an event loop is running."""
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, self()).result()

    async def events(self, *, calls: bool = False) -> AsyncIterator[Told]:
        """Run, and yield each message once it is in the log; calls of models only with `calls`.

        Leaving the loop early stops the run, which can be gone on with. Raises what `run()` raises.
        """
        last = self._last
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        work = asyncio.ensure_future(self._carry(queue.put_nowait))
        work.add_done_callback(lambda _work: queue.put_nowait(None))
        try:
            while (event := await queue.get()) is not None:
                self._last = event.seq
                if event.seq <= last:
                    continue  # told before the run was interrupted
                if calls or event.kind not in CALL_KINDS:
                    yield Told(event, decode(event))
            await work
        finally:
            work.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await work

    async def _carry(self, watch: Watcher) -> Result:
        def noting(event: Event) -> None:
            self.name = event.run
            watch(event)

        if self.name:
            name, finished = await resume(self.config.log, self.name, noting)
        else:
            name, finished = await start(self.config, self._folder, self.config.log, noting)
        self.result = _result(name, finished, self.config.log)
        return self.result


def _result(run: str, finished: RunFinished, log: Place) -> Result:
    return Result(run, finished.best.text, finished.verdict, finished.improved, finished.comparisons, log)


def _name(task: Task | str) -> str:
    return task if isinstance(task, str) else task.name
