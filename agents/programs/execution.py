"""One execution of a program on one example: it runs, asks, and ends in time."""

import asyncio
import inspect
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from ..call_events import about_program_call
from ..models.base import ChatMessage, ModelReply, ModelRequest, Tool
from ..models.own_code import called
from .base import AskFailed, Messages, Program
from .failure import ProgramFailed
from .loop import ProgramLoop
from .order import begin_order
from .request import Executed, Execution
from .trace import Trace, texts_in

Send = Callable[[str, str, ModelRequest], Awaitable[ModelReply]]
"""Sends a request to the model of a role, in the caller's event loop. Its second argument says what it is
about. Raises `AskFailed`."""
_TICK = 0.5
"""Seconds between two looks at the clock while the calls of a program are under way."""


class Overdue(Exception):
    """A program has used up its time."""


async def execute(
    program: Program | Callable[..., Any],
    execution: Execution,
    send: Send,
    loop: ProgramLoop,
    *,
    seconds: float,
    most_calls: int | None = None,
) -> Executed:
    """Run a program in `loop`, and return its output and trace.

    `seconds` is the time that it may take; waits for calls do not count. Raises
    `Overdue`, and whatever the program raises.
    """
    ask = _Asking(execution, send, asyncio.get_running_loop(), most_calls)
    run = program.run if isinstance(program, Program) else program
    future = loop.submit(_run(run, execution, ask))
    try:
        output = await _in_time(asyncio.wrap_future(future), ask, seconds)
    except Exception:
        if ask.unpaid is None:
            raise
    finally:
        ask.end()
        future.cancel()
    if ask.unpaid is not None:
        # What a program makes of the end of the budget is neither its failure nor its output.
        raise ask.unpaid
    trace = ask.trace
    return Executed(
        output,
        trace.steps,
        trace.calls,
        trace.prompt_tokens,
        trace.completion_tokens,
        # Calls end in any order, and the reply must not depend on it.
        dict(sorted(trace.requests.items())),
    )


async def _run(run: Callable[..., Any], execution: Execution, ask: "_Asking") -> Any:
    begin_order()
    try:
        if inspect.iscoroutinefunction(run):
            return await run(execution.row, execution.prompts, ask)
        return await called(run, execution.row, execution.prompts, ask)
    except (SystemExit, KeyboardInterrupt, GeneratorExit) as error:
        # A program must end neither the loop that others share nor the process of the run.
        raise ProgramFailed(f"it raised {type(error).__name__}") from error


async def _in_time(result: asyncio.Future[Any], ask: "_Asking", seconds: float) -> Any:
    while True:
        left = seconds - ask.own_seconds()
        await asyncio.wait([result], timeout=max(left, 0.0) + 0.001 if not ask.waiting else _TICK)
        if result.cancelled():
            # Raised as it is, it would look like the end of the run.
            raise ProgramFailed("it raised CancelledError, or was cancelled by its own code")
        if result.done():
            return result.result()
        if not ask.waiting and ask.own_seconds() >= seconds:
            result.cancel()
            raise Overdue(f"it has not returned after {seconds:g} seconds")


class _Asking:
    """The `Ask` of one execution. It is called in the programs' loop and sends in the run's."""

    def __init__(
        self, execution: Execution, send: Send, home: asyncio.AbstractEventLoop, most_calls: int | None
    ) -> None:
        self.trace = Trace(execution.prompts)
        self.unpaid: AskFailed | None = None
        """Failure of a call that the budget could not pay for."""
        self.waiting = 0
        """Number of calls under way. It is kept in the run's loop: the other one may be blocked."""
        self._execution = execution
        self._send = send
        self._home = home
        self._left = most_calls
        self._sent: Counter[str] = Counter()
        self._ended = False
        self._since = time.monotonic()
        """Moment since which the program itself has been running."""
        self._own = 0.0

    def own_seconds(self) -> float:
        """Return the seconds in which the program was running and did not wait for calls."""
        return self._own + (0.0 if self.waiting else time.monotonic() - self._since)

    def end(self) -> None:
        """Refuse further calls: what a program has left running must not cost anything."""
        self._ended = True

    def note(self, what: str, content: str, *, text: str | Sequence[str] = ()) -> None:
        self.trace.add_note(what, content, self._known(text))

    async def __call__(
        self,
        role: str,
        messages: Messages,
        *,
        text: str | Sequence[str] | None = None,
        max_tokens: int | None = None,
        temperature: float = 0.0,
        stop: Sequence[str] = (),
        json_schema: str | None = None,
        tools: Sequence[Tool] = (),
        seed: int | None = None,
    ) -> ModelReply:
        request = ModelRequest(
            messages=_turns(messages),
            max_tokens=max_tokens or self._execution.max_tokens,
            temperature=temperature,
            seed=seed,
            stop=tuple(stop),
            json_schema=json_schema,
            tools=tuple(tools),
        )
        return await self._ask(role, self._texts(text, request), self._numbered(request))

    async def _ask(self, role: str, texts: tuple[str, ...], request: ModelRequest) -> ModelReply:
        self._count_call()
        call = self.trace.begin(texts, role, request)
        try:
            about = about_program_call(texts, role, self._execution.example)
            reply = await self._at_home(role, about, request)
        except AskFailed as error:
            if error.cause == "budget":
                self.unpaid = error
            self.trace.add_failure(call, str(error))
            raise
        self.trace.add_reply(call, reply)
        return reply

    async def _at_home(self, role: str, about: str, request: ModelRequest) -> ModelReply:
        """Send the request in the event loop of the run, and wait for the reply in this one."""

        async def send() -> ModelReply:
            self._check_running()  # It may have ended on the way.
            self._begin_wait()
            try:
                return await self._send(role, about, request)
            finally:
                self._end_wait()

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(send(), self._home))

    def _check_running(self) -> None:
        if self._ended:
            raise AskFailed("bad_request", "The execution that asks this has ended.")

    def _count_call(self) -> None:
        self._check_running()
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise AskFailed("bad_request", "One execution may make no more calls: see program.calls.")

    def _texts(self, text: str | Sequence[str] | None, request: ModelRequest) -> tuple[str, ...]:
        """Return the texts that a request rests on. Raise `LookupError` for a name that is none."""
        return texts_in(request, self._execution.prompts) if text is None else self._known(text)

    def _known(self, text: str | Sequence[str]) -> tuple[str, ...]:
        prompts = self._execution.prompts
        names = (text,) if isinstance(text, str) else tuple(text)
        if unknown := next((name for name in names if name not in prompts), None):
            raise LookupError(f"there is no text {unknown!r}; the texts are {', '.join(prompts)}")
        return names

    def _numbered(self, request: ModelRequest) -> ModelRequest:
        """Return a request that was sent before, and has a temperature, as that for another sample."""
        if not request.temperature:
            return request
        key = request.model_dump_json()
        self._sent[key] += 1
        return request.model_copy(update={"sample": self._sent[key] - 1})

    def _begin_wait(self) -> None:
        if not self.waiting:
            self._own += time.monotonic() - self._since
        self.waiting += 1

    def _end_wait(self) -> None:
        self.waiting -= 1
        if not self.waiting:
            self._since = time.monotonic()


def _turns(messages: Messages) -> tuple[ChatMessage, ...]:
    """Return the turns of a request. Raise `ValueError` if one is invalid."""
    if isinstance(messages, str):
        return (ChatMessage(role="user", content=messages),)
    return tuple(
        turn if isinstance(turn, ChatMessage) else ChatMessage.model_validate(dict(turn)) for turn in messages
    )
