"""Estimate usage from earlier replies by the same models."""

from dataclasses import dataclass
from itertools import islice

from ...agents.messages import CallFinished, CallRequested, RunStarted
from ...agents.messages.codec import decode
from ...agents.models.tariff import Tariff
from ...storage.errors import StorageError
from ...storage.event import Event
from ...storage.opening import open_reader
from ...storage.place import Place
from ...storage.reader import Reader
from ...storage.redaction import is_redacted
from ..calls.model_pool import ModelPool

_ENOUGH = 300
"""Number of replies of a role after which more would not change the estimate."""
_RUNS, _EVENTS = 20, 10_000
"""Number of runs that are read, the newest first, and number of events of each."""


@dataclass(slots=True)
class ReplyUsage:
    """Total tokens and seconds of a role's replies, and the most tokens that their prompts could have had."""

    replies: int = 0
    prompt: int = 0
    completion: int = 0
    most_prompt: int = 0
    seconds: float = 0.0

    @property
    def prompt_ratio(self) -> float:
        """Ratio of actual to maximum prompt tokens."""
        return self.prompt / max(self.most_prompt, 1)

    @property
    def completion_mean(self) -> float:
        """Mean completion tokens of a reply. A limit says little about them, so no ratio to it is taken."""
        return self.completion / max(self.replies, 1)

    @property
    def latency(self) -> float:
        """Mean seconds of a reply."""
        return self.seconds / max(self.replies, 1)

    def add(self, tariff: Tariff, requested: CallRequested, finished: CallFinished) -> None:
        """Add a reply that was paid for."""
        most = tariff.count(requested.request)
        self.replies += 1
        self.prompt += finished.reply.prompt_tokens
        self.completion += finished.reply.completion_tokens
        self.most_prompt += most.prompt
        self.seconds += finished.latency


def usage_in(place: Place, pool: ModelPool) -> dict[str, ReplyUsage]:
    """Return the usage of each role's model in the log at `place`; roles without replies are left out."""
    usage = {role: ReplyUsage() for role in pool}
    try:
        with open_reader(place) as reader:
            for summary in islice(reversed(reader.runs()), _RUNS):
                _add_run(reader, summary.run, pool, usage)
    except StorageError:
        # An estimate needs no log, so a missing or damaged one is no error here.
        return {}
    return {role: found for role, found in usage.items() if found.replies}


def _add_run(reader: Reader, run: str, pool: ModelPool, usage: dict[str, ReplyUsage]) -> None:
    first = next(reader.read(run, kinds=("run.started",)), None)
    started = _message(first) if first is not None else None
    if not isinstance(started, RunStarted):
        return
    wanted = {
        role: Tariff(model=pool[role].model)
        for role, identity in pool.identities.items()
        if started.models.get(role) == identity and usage[role].replies < _ENOUGH
    }
    requested: dict[str, CallRequested] = {}
    events = reader.read(run, kinds=("call.requested", "call.finished")) if wanted else ()
    for event in islice(events, _EVENTS):
        message = _message(event)
        if isinstance(message, CallRequested) and message.model in wanted:
            requested[event.id] = message
        elif isinstance(message, CallFinished) and message.reused is None:
            request = requested.pop(event.cause or "", None)
            if request is not None and usage[request.model].replies < _ENOUGH:
                usage[request.model].add(wanted[request.model], request, message)


def _message(event: Event) -> object:
    return None if is_redacted(event) else decode(event)
