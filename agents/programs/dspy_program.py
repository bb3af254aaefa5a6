"""A DSPy module as a program: its texts are the instructions of its predictors."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import dspy
from pydantic_core import to_jsonable_python

from ..models.own_code import called
from .base import Ask, AskFailed
from .dspy_engine import Asking, LoopEngine, ThreadEngine, ToolNotes
from .predictor_names import text_name

_THOUGHTS = ("reasoning", "trajectory")
"""Fields that modules of DSPy add to a prediction; they are no answer."""


class DspyProgram:
    """Runs a copy of a `dspy.Module` on each row, with the instructions that a search proposes.

    Args:
        module: The module. Its demonstrations, tools and other attributes stay as they are.
        output: The field of the prediction, or the fields, that become the output: one as its text, several
            as a JSON object. By default all fields but "reasoning" and "trajectory".
        inputs: Argument of the module -> column of the row; by default those of the same name.
        adapter: Adapter of DSPy for the requests; by default the one that is configured now.
        temperature: Temperature of the requests of predictors that set none.
        max_tokens: Most tokens of their replies; by default the limit of the run.
    """

    def __init__(
        self,
        module: Any,
        output: str | tuple[str, ...] | list[str] | None = None,
        inputs: Mapping[str, str] | None = None,
        *,
        adapter: Any = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
    ) -> None:
        self._module = module
        self._output = output
        self._inputs = dict(inputs or {})
        self._adapter = adapter or dspy.settings.adapter
        self._defaults = {"temperature": temperature, "max_tokens": max_tokens}

    @property
    def texts(self) -> dict[str, str]:
        """Name of a predictor, see `text_name` -> its instructions."""
        return {name: one.signature.instructions for name, one in _predictors(self._module).items()}

    def with_texts(self, texts: Mapping[str, str]) -> Any:
        """Return a copy of the module with these instructions, to be used or saved by DSPy.

        Raise `LookupError` if there is no such predictor.
        """
        module = self._module.deepcopy()
        predictors = _predictors(module)
        for name, text in texts.items():
            if name not in predictors:
                raise LookupError(f"the module has no predictor {name!r}; it has {', '.join(predictors)}")
            predictors[name].signature = predictors[name].signature.with_instructions(text)
        return module

    async def run(self, example: Mapping[str, Any], prompts: Mapping[str, str], ask: Ask) -> Any:
        """Return the output of the module for one row; "" if DSPy cannot read the model's reply.

        A module with a `forward` runs in a thread, any other one in the event loop. Raises what the module
        raises, and `AskFailed` if that comes from a call that has failed.
        """
        module = self.with_texts(prompts)
        asking = Asking(ask, _predictors(module), prompts)
        given = self.arguments_of(example)
        try:
            with dspy.context(**self._settings(module, asking)):
                if hasattr(type(module), "forward"):
                    prediction = await called(partial(_in_context, dict(dspy.settings.config), module, given))
                else:
                    prediction = await module.acall(**given)
        except dspy.utils.exceptions.AdapterParseError as error:
            ask.note("unreadable reply", str(error.lm_response), text=asking.last or ())
            return ""
        except Exception as error:
            if failed := _failed_call(error):
                raise AskFailed(failed.cause, str(failed)) from error
            raise
        finally:
            asking.stop()
        return self.output_of(prediction)

    def arguments_of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments with which the module is called for a row."""
        if not self._inputs:
            return dict(row)
        return {argument: row[column] for argument, column in self._inputs.items()}

    def _settings(self, module: Any, asking: Asking) -> dict[str, Any]:
        """Return the settings of DSPy for one execution, and give its model to predictors with their own."""
        model = dspy.LM(
            "scorer",
            cache=False,
            num_retries=0,
            engine=ThreadEngine(asking),
            async_engine=LoopEngine(asking),
            **self._defaults,
        )
        for _, predictor in module.named_sub_modules(dspy.Predict):
            predictor.lm = model if predictor.lm else None
        return {
            "lm": model,
            "adapter": self._adapter,
            "callbacks": [*dspy.settings.callbacks, ToolNotes(asking)],
            "disable_history": True,
            "trace": [],
            "allow_tool_async_sync_conversion": True,
        }

    def output_of(self, prediction: Any) -> Any:
        """Return the output for what the module has returned. Raise `LookupError` if a field is missing."""
        if not isinstance(prediction, dspy.Prediction):
            return _value(prediction)
        found = prediction.toDict()
        if isinstance(self._output, str):
            return _value(_field(found, self._output))
        names = self._output or [name for name in found if name not in _THOUGHTS] or list(found)
        if self._output is None and len(names) == 1:
            return _value(found[names[0]])
        return {name: _value(_field(found, name)) for name in names}


def _predictors(module: Any) -> dict[str, Any]:
    return {text_name(path): predictor for path, predictor in module.named_predictors()}


def _in_context(settings: Mapping[str, Any], module: Any, given: Mapping[str, Any]) -> Any:
    """Call a module in a thread, where the settings of the caller would not hold."""
    with dspy.context(**settings):
        return module(**given)


def _failed_call(error: BaseException) -> AskFailed | None:
    """Return the failed call from which an error has come."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, AskFailed):
        cause = cause.__cause__ or cause.__context__
    return cause


def _field(found: Mapping[str, Any], name: str) -> Any:
    if name not in found:
        raise LookupError(f"the prediction has no field {name!r}; it has {', '.join(found)}")
    return found[name]


def _value(value: Any) -> Any:
    """Return a value as JSON can hold it, "" for None."""
    return "" if value is None else to_jsonable_python(value, fallback=str)
