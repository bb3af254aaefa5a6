"""An optimiser for DSPy: `TransferPrompting(metric).compile(program, trainset=...)`."""

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dspy
from dspy.teleprompt import Teleprompter

from ..agents.models.dspy_lm import DspyModel
from ..agents.models.metric_functions import MetricFunction
from ..agents.programs.model import LoadedProgram
from ..prompts.named_texts import split_texts
from ..prompts.program import ProgramSettings
from ..storage.place import Place
from .api import Result, Run
from .config import defaults
from .dspy_examples import DspyExamples, ExampleProgram
from .errors import ConfigError
from .runtime.own_parts import OwnParts

_TASK = "module"
_METRIC = "metric"


class TransferPrompting(Teleprompter):  # type: ignore[misc]
    """Optimises the instructions of all predictors of a module, with a log of all that happens.

    Args:
        metric: A metric of DSPy, `metric(example, prediction, trace=None)`, that returns a number in [0, 1],
            True or False, or a `dspy.Prediction` with a score and feedback in words.
        task_model: LM of the module; by default the one that is configured.
        prompt_model: LM that writes instructions; by default the same.
        description: What the module is for, in a sentence; by default its docstring or its instructions.
        log: The log, which all commands of `tp` read.
        settings: Further settings of `Run`, such as `target_stage={"steps": 4}`.
    """

    def __init__(
        self,
        metric: Callable[..., Any],
        *,
        task_model: Any = None,
        prompt_model: Any = None,
        description: str = "",
        log: Place = defaults.LOG,
        **settings: Any,
    ) -> None:
        super().__init__()
        self.metric = metric
        self.task_model = task_model
        self.prompt_model = prompt_model
        self.description = description
        self.log = log
        self.settings = settings
        self.result: Result | None = None
        """Result of the last run: its name, its verdict and its comparisons."""

    def compile(
        self,
        student: Any,
        *,
        trainset: Sequence[Any],
        teacher: Any = None,
        valset: Sequence[Any] | None = None,
        run: str = "",
    ) -> Any:
        """Return a copy of the module with the best instructions.

        The search uses `trainset`; the verdict compares the instructions on `valset`, or without one on a
        part of `trainset` that is held out. `run` is the name of an interrupted run, which is continued.
        Raises `ConfigError` for invalid arguments, `RunStopped` if the run fails.
        """
        if teacher is not None:
            raise ConfigError("TransferPrompting learns from no teacher: leave it out.")
        model = self.task_model or dspy.settings.lm
        if model is None:
            raise ConfigError("There is no model. Give task_model, or call dspy.configure(lm=dspy.LM(...)).")
        examples = DspyExamples(trainset, valset or (), self.metric)
        program = ExampleProgram(student, examples, model)
        with TemporaryDirectory(prefix="transfer-prompting-") as folder:
            examples.write(Path(folder))
            work = self._run(student, program, examples, model, Path(folder))
            work.name = run
            self.result = work.sync()
        compiled = program.with_texts(split_texts(self.result.best, tuple(program.texts)) or {})
        compiled._compiled = True
        return compiled

    def _run(
        self, student: Any, program: ExampleProgram, examples: DspyExamples, model: Any, folder: Path
    ) -> "_ModuleRun":
        writer = self.prompt_model or model
        inputs = examples.inputs
        task = {
            "description": self.description or _described(student),
            "texts": program.texts,
            "program": {"use": f"{_TASK}.py:program", "inputs": inputs},
            "answer": {"type": "raw"},
            "metric": {"use": f"{_TASK}.py:{_METRIC}", "name": _METRIC},
            "data": examples.settings,
        }
        parts = OwnParts(
            models={"scorer": DspyModel(model), "reference": DspyModel(writer)},
            functions={(_TASK, _METRIC): MetricFunction(examples.graded, _digest(_source(self.metric)))},
            programs={
                _TASK: LoadedProgram(
                    program,
                    _digest(_source(type(student)) + _state(student)),
                    ProgramSettings(use=f"{_TASK}.py:program", inputs=inputs),
                )
            },
        )
        return _ModuleRun(
            _TASK,
            parts=parts,
            scorer={"provider": "dspy", "model": model.model},
            reference={"provider": "dspy", "model": writer.model},
            log=self.log,
            folder=folder,
            **{"name": "dspy", "tasks": {_TASK: task}, **self.settings},
        )


class _ModuleRun(Run):
    """A run with the module, the metric and the models as objects."""

    def __init__(self, *arguments: Any, parts: OwnParts, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._own = parts


def _described(module: Any) -> str:
    """Return what a module says that it is for."""
    own = not type(module).__module__.startswith("dspy.")
    said = (type(module).__doc__ or "") if own else ""
    return inspect.cleandoc(said) or module.predictors()[-1].signature.instructions


def _source(thing: Any) -> str:
    try:
        return inspect.getsource(thing)
    except (OSError, TypeError):  # It was typed in at a prompt, or is no function.
        return getattr(thing, "__qualname__", type(thing).__qualname__)


def _state(module: Any) -> str:
    state: Mapping[str, Any] = module.dump_state()
    return json.dumps(state, sort_keys=True, default=str)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]
