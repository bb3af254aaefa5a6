"""The live run: commits what is said, delivers what is committed, asks the models what is asked.

Nothing is delivered before it is in the log. The outcome of a call enters the log in the order in which
calls end, and that order is then the truth for everyone who reads it.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from ...agents.messages import (
    BackendProbed,
    BudgetExhausted,
    CallFailed,
    CallFinished,
    HandlerFailed,
    Message,
    RunFailed,
    RunFinished,
    RunResumed,
)
from ...agents.messages.codec import decode, encode
from ...agents.models.base import Model
from ...storage.event import Draft, Event, event_id
from ...storage.log import Appended, EventLog
from ...storage.opening import open_reader
from ...storage.redaction import PayloadRedacted, is_redacted
from ..budget.tracker import BudgetTracker, Terms
from ..calls.dispatcher import Call, CallDispatcher, CallOutcome, ModelLine
from ..calls.reply_cache import ReplyCache
from ..config.budget_settings import BudgetSettings
from ..errors import RunStopped
from .engine import HandlerError, RunEngine


class LiveRun:
    """Carries one run of `log` on to its end. Use once: `await begin(...)` or `await resume(...)`."""

    def __init__(
        self,
        log: EventLog,
        run: str,
        engine: RunEngine,
        models: Mapping[str, Model],
        slots: Mapping[str, int],
        watch: Callable[[Event], None],
        terms: Terms | None = None,
    ) -> None:
        terms = terms or Terms()
        self._log = log
        self._run = run
        self._engine = engine
        self._watch = watch
        self._replies = ReplyCache(log.place, run, terms.others)
        self._account = BudgetTracker(terms, models, slots, self._end_budget)
        lines = {
            role: ModelLine(model, slots[role], terms.timeouts.get(role, 0.0))
            for role, model in models.items()
        }
        self._dispatcher = CallDispatcher(lines, self._account.gate, self._replies, self._deliver, self._tell)
        self._probes: Counter[str] = Counter()
        self._inbox: deque[Event] = deque()
        self._committed = asyncio.Event()
        self._said: Appended | None = None
        self._ready: list[Call] = []
        self._unheard = 0
        self._error: BaseException | None = None
        self._stop: tuple[str, str] | None = None

    async def begin(self, opening: Sequence[Message]) -> RunFinished:
        """Start a run with the user's opening messages. Raises `RunStopped` with the reason in the log."""
        hearers = self._engine.host.hearers_of
        return await self._go(
            [
                self._draft("user", ordinal, message, recipients=hearers(message.kind))
                for ordinal, message in enumerate(opening)
            ]
        )

    async def resume(self, versions: dict[str, str], budget: BudgetSettings | None = None) -> RunFinished:
        """Hear the log again, then go on where it ends. Calls without a reply are asked again.

        With `budget` these limits hold from now on.
        """
        with open_reader(self._log.place) as reader:
            for event in reader.verified(self._run):
                if is_redacted(event):
                    raise PayloadRedacted(event)
                self._watch(event)
                await self._rehear(event)
        progress = self._engine.progress
        if progress.finished:
            return self._verdict()
        limits = None if budget is None else {str(name): most for name, most in budget.limits.items()}
        resumed = RunResumed(reissued=tuple(progress.pending), versions=versions, budget=limits)
        note = self._draft("user", 1_000_000 + progress.resumptions, resumed)
        return await self._go([note, *self._engine.expected])

    async def _rehear(self, event: Event) -> None:
        pending = self._engine.progress.pending
        self._account.hear(event, pending)
        if event.kind == "backend.probed":
            self._probes[event.cause or ""] += 1
        call = pending.get(event.cause or "")
        if call is not None and event.kind == "call.finished":
            self._replies.remember(call.key, call.id)
        # Where a handler raises, the log goes on to say so; if it still does, the run stops there again.
        with suppress(HandlerError):
            await self._engine.hear(event)

    async def _go(self, drafts: Sequence[Draft]) -> RunFinished:
        self._log.listen(self._on_commit)
        self._account.begin()
        self._submit(drafts)
        try:
            while not self._engine.progress.finished:
                await self._next()
                if self._stop is not None:
                    await self._fail(*self._stop)
        finally:
            await self._dispatcher.close()
            self._replies.close()
        return self._verdict()

    async def _next(self) -> None:
        """Hear everything that is committed, then wait for more."""
        while self._inbox and not self._stop:
            await self._hear(self._inbox.popleft())
        self._start_calls()
        if self._stop or self._engine.progress.finished:
            return
        self._find_standstill()
        await self._committed.wait()
        self._committed.clear()
        if self._error is not None:
            raise self._error

    async def _hear(self, event: Event) -> None:
        self._unheard -= 1
        self._account.hear(event, self._engine.progress.pending)
        self._watch(event)
        try:
            drafts = await self._engine.hear(event)
        except HandlerError as error:
            failed = HandlerFailed(
                agent=error.agent, event=error.event.id, error=str(error), traceback=error.trace
            )
            self._submit([self._draft("runtime", self._failures(), failed, cause=error.event.id)])
            self._stop = ("handler", str(error))
            return
        if drafts:
            self._submit(drafts)
        pending = self._engine.progress.pending
        if event.kind == "call.requested":
            self._ready.append(pending[event.id])
        elif event.kind == "run.resumed":
            # Only now does the log name the calls that are asked again; before, one could be paid unnamed.
            self._ready.extend(pending.values())
        elif event.kind == "call.failed":
            message = decode(event)
            assert isinstance(message, CallFailed)
            if not message.final:
                self._stop = self._dispatcher.halted or (message.cause, message.error)

    def _start_calls(self) -> None:
        """Begin the calls that wait, once the agents have said all they have to say.

        A model in this process gets them in batches. Which calls share a batch must not depend on how
        fast the log was written: it would show in the last bits of the replies.
        """
        if self._ready and not self._engine.expected and not self._stop:
            for call in self._ready:
                self._dispatcher.start(call)
            self._ready.clear()

    def _find_standstill(self) -> None:
        """A conversation in which nobody has anything left to say must not wait for ever."""
        if not (self._unheard or self._ready or self._dispatcher.in_flight):
            silent = self._engine.progress.silent
            why = f"The agents stopped talking before there was a verdict{silent and ': '}{silent}."
            self._stop = ("standstill", why)
            self._committed.set()

    async def _fail(self, cause: str, error: str) -> None:
        # First the outcomes of other calls that have ended, so that the failure is the run's last word.
        await self._dispatcher.close()
        count = self._failures() + 1
        failed = RunFailed(cause=cause, error=error, count=count)
        await self._log.append([self._draft("runtime", 1_000_000 + count, failed)])
        raise RunStopped(f"{error} The run is stopped, nothing is lost: `tp resume {self._run}` goes on.")

    def _failures(self) -> int:
        return self._engine.progress.failures

    def _deliver(self, ended: list[tuple[Call, CallOutcome]]) -> None:
        outcomes = self._engine.progress.outcomes
        requesters = self._engine.requester
        self._submit(
            [
                self._draft(
                    f"model/{call.model}",
                    outcomes.get(call.id, 0),
                    outcome,
                    cause=call.id,
                    recipients=(requesters(call.id),) if _heard(outcome) else (),
                )
                for call, outcome in ended
            ]
        )

    def _tell(self, message: BackendProbed, call: str) -> None:
        """Note what a probe has shown because `call` had failed."""
        self._submit([self._draft("runtime", self._probes[call], message, cause=call)])
        self._probes[call] += 1

    def _end_budget(self, message: BudgetExhausted) -> None:
        """Say that the budget has ended; it can end only once, since the final comparison is paid for."""
        if not self._engine.progress.exhausted:
            self._engine.progress.exhausted = True
            hearers = self._engine.host.hearers_of(message.kind)
            self._submit([self._draft("runtime", 0, message, recipients=hearers)])

    def _submit(self, drafts: Sequence[Draft]) -> None:
        self._unheard += len(drafts)
        loop = asyncio.get_running_loop()
        self._said = self._log.submit(drafts, after=self._said)
        self._said.add_done_callback(lambda f: loop.call_soon_threadsafe(self._on_written, f))

    def _on_written(self, written: Appended) -> None:
        self._error = self._error or written.exception()
        self._committed.set()

    def _on_commit(self, events: Sequence[Event]) -> None:
        self._inbox.extend(event for event in events if event.run == self._run)
        self._committed.set()

    def _draft(
        self,
        sender: str,
        ordinal: int,
        message: Message,
        *,
        cause: str | None = None,
        recipients: tuple[str, ...] = (),
    ) -> Draft:
        return Draft(
            run=self._run,
            id=event_id(self._run, cause, sender, ordinal),
            kind=message.kind,
            schema=message.SCHEMA,
            sender=sender,
            recipients=recipients,
            cause=cause,
            data=encode(message),
        )

    def _verdict(self) -> RunFinished:
        with open_reader(self._log.place) as reader:
            *_, event = reader.read(self._run, kinds=("run.finished",))
        message = decode(event)
        assert isinstance(message, RunFinished)
        return message


def _heard(outcome: CallOutcome) -> bool:
    """Whether whoever asked learns of it; a call that stays open has no outcome yet."""
    return isinstance(outcome, CallFinished) or outcome.final
