"""The live run: commits messages, applies what is committed, and calls the models.

No message is applied before it is in the log. The outcomes of calls enter the log in the order in which the
calls end, and that order is then the truth for every reader.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from ...agents.messages import (
    BackendProbed,
    BudgetExhausted,
    CallAttempted,
    CallFailed,
    CallFinished,
    HandlerFailed,
    Message,
    RunFailed,
    RunResumed,
)
from ...agents.messages.codec import decode
from ...storage.event import Draft, Event
from ...storage.hints import command
from ...storage.log import Appended, EventLog
from ...storage.opening import open_reader
from ...storage.redaction import PayloadRedacted, is_redacted
from ..budget.tracker import BudgetTracker, Terms
from ..calls.dispatcher import CallDispatcher
from ..calls.model_pool import ModelPool
from ..calls.outcomes import Call, CallOutcome
from ..calls.reply_cache import ReplyCache
from ..config.budget_settings import BudgetSettings
from ..errors import RunStopped
from .drafts import message_draft, outside_draft
from .durable import until_durable
from .engine import HandlerError, RunEngine
from .inner_calls import InnerCalls
from .judge_readability import JudgeReadabilityWatch
from .readability import CAUSE, ReadabilityWatch
from .recorded_run import RunVerdict, read_verdict


class LiveRun:
    """Drives one run of `log` to its end. Use once: `await start(...)` or `await resume(...)`."""

    def __init__(
        self,
        log: EventLog,
        run: str,
        engine: RunEngine,
        pool: ModelPool,
        watch: Callable[[Event], None],
        terms: Terms | None = None,
    ) -> None:
        terms = terms or Terms()
        self._log = log
        self._run = run
        self._engine = engine
        self._watch = watch
        self._replies = ReplyCache(log.place, run, terms.others, terms.further)
        self._budget = BudgetTracker(terms, pool, self._end_budget)
        self._inner = InnerCalls(run, pool.identities, self._submit)
        self._dispatcher = CallDispatcher(
            pool,
            self._budget.gate,
            self._replies,
            self._deliver,
            self._submit_probe,
            self._record_attempt,
            self._until_recorded,
            self._inner.ask,
            self._budget.executions,
        )
        self._probes: Counter[str] = Counter()
        """Number of failed attempts and probes in the log, by the call that caused them."""
        self._inbox: deque[Event] = deque()
        self._wake = asyncio.Event()
        self._last_append: Appended | None = None
        self._waiting_calls: list[Call] = []
        self._unapplied = 0
        self._error: BaseException | None = None
        self._stop: tuple[str, str] | None = None
        self._readability = ReadabilityWatch(terms.search, run)
        self._judge_readability = JudgeReadabilityWatch(run)
        self._accept_unreadable = terms.accept_unreadable

    async def start(self, opening: Sequence[Message]) -> RunVerdict:
        """Start the run with the user's opening messages; return its verdict.

        Raises `RunStopped` if the run fails; the log says why.
        """
        recipients = self._engine.host.recipients_of
        return await self._drive(
            [
                message_draft(self._run, "user", ordinal, message, recipients=recipients(message.kind))
                for ordinal, message in enumerate(opening)
            ]
        )

    async def resume(self, versions: dict[str, str], budget: BudgetSettings | None = None) -> RunVerdict:
        """Apply the events of the log again, then continue where it ends; return the verdict.

        Calls without a reply are made again. A `budget` replaces the limits. Raises `RunStopped` if the run
        fails.
        """
        with open_reader(self._log.place) as reader:
            for event in reader.verified(self._run):
                if is_redacted(event):
                    raise PayloadRedacted(event)
                self._watch(event)
                await self._restore(event)
        progress = self._engine.progress
        if progress.finished:
            return read_verdict(self._log.place, self._run)
        limits = None if budget is None else {str(name): most for name, most in budget.limits.items()}
        resumed = RunResumed(reissued=tuple(progress.pending), versions=versions, budget=limits)
        draft = outside_draft(self._run, "user", progress.resumptions, resumed)
        return await self._drive([draft, *self._engine.expected])

    async def _restore(self, event: Event) -> None:
        """Apply an event that was in the log before this process began."""
        pending = self._engine.progress.pending
        self._readability.apply(event)
        self._judge_readability.apply(event)
        self._budget.apply(event, pending)
        self._inner.restore(event)
        if event.kind in ("backend.probed", "call.attempted"):
            self._probes[event.cause or ""] += 1
        call = pending.get(event.cause or "")
        if call is not None and event.kind == "call.finished":
            self._replies.remember(call.key, call.id)
        # The log records the failure of a handler; if it fails again, the run stops there again.
        with suppress(HandlerError):
            await self._engine.apply(event)

    async def _drive(self, drafts: Sequence[Draft]) -> RunVerdict:
        self._budget.begin()
        self._submit(drafts)
        try:
            while not self._engine.progress.finished:
                await self._advance()
                if self._stop is not None:
                    await self._fail(*self._stop)
        finally:
            await self._dispatcher.close()
            self._replies.close()
        return read_verdict(self._log.place, self._run)

    async def _advance(self) -> None:
        """Apply all committed events, then wait for more."""
        while self._inbox and not self._stop:
            await self._apply(self._inbox.popleft())
        self._start_calls()
        if self._stop or self._engine.progress.finished:
            return
        self._stop_at_standstill()
        await self._wake.wait()
        self._wake.clear()
        if self._error is not None:
            raise self._error

    async def _apply(self, event: Event) -> None:
        self._unapplied -= 1
        self._budget.apply(event, self._engine.progress.pending)
        self._watch(event)
        try:
            drafts = await self._engine.apply(event)
        except HandlerError as error:
            self._record_handler_error(error)
            return
        if drafts:
            self._submit(drafts)
        pending = self._engine.progress.pending
        if event.kind == "call.requested":
            self._waiting_calls.append(pending[event.id])
        elif event.kind == "run.resumed":
            # The log must name the calls that are made again before any of them can be paid.
            self._waiting_calls.extend(pending.values())
        elif event.kind == "call.finished":
            self._replies.recorded(event.cause or "")
            self._inner.apply(event)
        elif event.kind == "call.failed":
            self._inner.apply(event)
            message = decode(event)
            assert isinstance(message, CallFailed)
            if not message.final:
                self._stop = self._dispatcher.halted or (message.cause, message.error)
        self._readability.apply(event)
        self._judge_readability.apply(event)
        problem = self._readability.problem or self._judge_readability.problem
        if problem and not self._accept_unreadable:
            self._stop = self._stop or (CAUSE, problem)

    def _record_handler_error(self, error: HandlerError) -> None:
        failed = HandlerFailed(
            agent=error.agent, event=error.event.id, error=str(error), traceback=error.trace
        )
        self._submit([outside_draft(self._run, "runtime", self._failures, failed, cause=error.event.id)])
        self._stop = ("handler", str(error))

    def _start_calls(self) -> None:
        """Start the waiting calls once all messages of the agents are committed.

        A model in this process computes calls in batches. The composition of a batch affects the last bits
        of the replies, so it must not depend on how fast the log was written.
        """
        if self._waiting_calls and not self._engine.expected and not self._stop:
            for call in self._waiting_calls:
                self._dispatcher.start(call)
            self._waiting_calls.clear()

    def _stop_at_standstill(self) -> None:
        """Stop the run if no event, message or call is left that could lead to a verdict."""
        if not (self._unapplied or self._waiting_calls or self._dispatcher.in_flight):
            missing = self._engine.progress.missing_reviews
            error = f"The agents stopped talking before there was a verdict{missing and ': '}{missing}."
            self._stop = ("standstill", error)
            self._wake.set()

    async def _fail(self, cause: str, error: str) -> None:
        # The outcomes of other calls that have ended come first, so that the failure is the last event.
        await self._dispatcher.close()
        count = self._failures + 1
        failed = RunFailed(cause=cause, error=error, count=count)
        await self._log.append([outside_draft(self._run, "runtime", count, failed)])
        raise RunStopped(
            f"{error} The run is stopped and nothing is lost: `{command('resume', self._run)}` continues it."
        )

    @property
    def _failures(self) -> int:
        return self._engine.progress.failures

    def _deliver(self, ended: list[tuple[Call, CallOutcome]]) -> None:
        outcomes = self._engine.progress.outcomes
        requester = self._engine.requester
        self._submit(
            [
                message_draft(
                    self._run,
                    f"model/{call.model}",
                    outcomes.get(call.id, 0),
                    outcome,
                    cause=call.id,
                    recipients=_recipients(requester(call.id), outcome),
                )
                for call, outcome in ended
            ]
        )

    def _submit_probe(self, message: BackendProbed, call: str) -> None:
        """Record the result of a probe that the failure of `call` has caused; it may be empty if unknown."""
        ordinal = self._probes[call]
        self._submit([outside_draft(self._run, "runtime", ordinal, message, cause=call or None)])
        self._probes[call] += 1

    async def _record_attempt(self, message: CallAttempted, call: str) -> None:
        """Record a failed attempt at `call`, and return when it is in the log."""
        self._submit([outside_draft(self._run, "runtime", self._probes[call], message, cause=call)])
        self._probes[call] += 1
        await until_durable(self._last_append)

    async def _until_recorded(self) -> None:
        """Wait until the outcomes submitted so far are in the log, if there is a budget to be kept."""
        if self._budget.ledger.limited:
            await until_durable(self._last_append)

    def _end_budget(self, message: BudgetExhausted) -> None:
        """Record the end of the budget, or of a share, of which each ends once: verdicts are paid for."""
        exhausted, stage = self._engine.progress.exhausted, message.stage or ""
        if stage not in exhausted:
            ordinal = len(exhausted)
            exhausted.add(stage)
            recipients = self._engine.host.recipients_of(message.kind)
            self._submit([outside_draft(self._run, "runtime", ordinal, message, recipients=recipients)])

    def _submit(self, drafts: Sequence[Draft]) -> None:
        self._unapplied += len(drafts)
        loop = asyncio.get_running_loop()
        self._last_append = self._log.submit(drafts, after=self._last_append)
        self._last_append.add_done_callback(lambda f: loop.call_soon_threadsafe(self._on_written, f))

    def _on_written(self, written: Appended) -> None:
        self._error = self._error or written.exception()
        if self._error is None:
            # Futures complete in the order of submission. A listener of the log would not be told of an event
            # that was in the log already.
            self._inbox.extend(written.result())
        self._wake.set()


def _recipients(requester: str | None, outcome: CallOutcome) -> tuple[str, ...]:
    """Return who receives the outcome: nobody if the call will be made again, or if a program has made it."""
    final = isinstance(outcome, CallFinished) or outcome.final
    return (requester,) if requester and final else ()
