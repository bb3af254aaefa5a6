"""The model of a DSPy module while a run executes it: every call of DSPy goes through `ask`."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import CancelledError, Future
from typing import Any, Self

import dspy
from dspy.utils.callback import BaseCallback

from ...storage.errors import TransferPromptingError
from ..models.base import ModelReply
from .base import Ask, AskFailed
from .dspy_requests import error_of, response_of, schema_of, tools_of, turns_of

_ROLE = "scorer"


class Stopped(BaseException):
    """The execution was stopped. No module can catch this as one of its own errors."""


class Asking:
    """Sends the requests of one execution; `names` are those of the texts of the module's predictors.

    It is made in the event loop in which `ask` must be called, and may be used in any thread.
    """

    def __init__(self, ask: Ask, names: Mapping[str, Any], prompts: Mapping[str, str]) -> None:
        self._ask = ask
        self._prompts = prompts
        self._names = {id(predictor): name for name, predictor in names.items()}
        stages = [predictor.stage for predictor in names.values()]
        self._copies = {
            predictor.stage: name for name, predictor in names.items() if stages.count(predictor.stage) == 1
        }
        """Mark that a predictor shares with its copies, such as those of BestOfN -> name."""
        self._loop = asyncio.get_running_loop()
        self._pending: set[Future[ModelReply]] = set()
        self._stopped = False
        self.last: str | None = None
        """Name of the text on which the last request rested."""

    def __deepcopy__(self, memo: object) -> Self:
        return self  # A module may copy its model, but the execution stays the same.

    def submit(self, request: Any) -> Future[ModelReply]:
        """Send a request of lm15. Raise `Stopped` once the execution has been stopped."""
        if self._stopped:
            raise Stopped("The execution was stopped.")
        config, name = request.config, self._caller()
        name = self.last = name if name in self._prompts else None
        asked = self._ask(
            _ROLE,
            turns_of(request),
            text=name,
            max_tokens=config.max_tokens,
            temperature=config.temperature or 0.0,
            stop=config.stop,
            json_schema=schema_of(request),
            tools=tools_of(request),
            seed=config.seed,
        )
        future = asyncio.run_coroutine_threadsafe(asked, self._loop)
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)
        return future

    def note(self, what: str, content: str) -> None:
        """Add a step to the trace, in the event loop."""
        self._loop.call_soon_threadsafe(self._ask.note, what, content)

    def check_thread(self) -> None:
        """Raise `TransferPromptingError` if waiting here would block the event loop for ever."""
        try:
            here = asyncio.get_running_loop()
        except RuntimeError:
            return
        if here is self._loop:
            raise TransferPromptingError(
                "A predictor was called in `aforward` without waiting for it. Write "
                "`await self.predict.acall(...)` in place of `self.predict(...)`."
            )

    def stop(self) -> None:
        """Send nothing more, and give up what is under way."""
        self._stopped = True
        for future in tuple(self._pending):
            future.cancel()

    def _caller(self) -> str | None:
        """Return the name of the text of the predictor that is asking; None if it is none of the module's."""
        for module in reversed(dspy.settings.caller_modules or []):
            if isinstance(module, dspy.Predict):
                return self._names.get(id(module)) or self._copies.get(module.stage)
        return None


class ThreadEngine:
    """Answers the calls that a module makes in a thread."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def complete(self, request: Any) -> Any:
        """Return the reply to a request. Raise an error of lm15 if the call fails for good."""
        self._asking.check_thread()
        try:
            return response_of(self._asking.submit(request).result(), request.model)
        except AskFailed as failed:
            raise error_of(failed) from failed
        except CancelledError as error:
            raise Stopped("The execution was stopped.") from error


class LoopEngine:
    """Answers the calls that a module awaits."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    async def complete(self, request: Any) -> Any:
        """Return the reply to a request. Raise an error of lm15 if the call fails for good."""
        try:
            reply = await asyncio.wrap_future(self._asking.submit(request))
        except AskFailed as failed:
            raise error_of(failed) from failed
        return response_of(reply, request.model)


class ToolNotes(BaseCallback):  # type: ignore[misc]
    """Notes the tools that a module calls, and what they return."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._open: dict[str, tuple[str, Any]] = {}

    def on_tool_start(self, call_id: str, instance: Any, inputs: Mapping[str, Any]) -> None:
        """Remember the call until it has ended."""
        self._open[call_id] = instance.name, inputs

    def on_tool_end(self, call_id: str, outputs: Any, exception: BaseException | None = None) -> None:
        """Note the call with its result."""
        name, inputs = self._open.pop(call_id)
        arguments = ", ".join(f"{key}={value!r}" for key, value in inputs.get("kwargs", inputs).items())
        result = f"{type(exception).__name__}: {exception}" if exception else outputs
        self._asking.note(name, f"{name}({arguments}) -> {result}")
