"""What the same models' replies in a log have taken: the best guess at what more of them will."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from ...agents.messages import CallFinished, CallRequested, RunStarted
from ...agents.messages.codec import decode
from ...agents.models.base import Model
from ...agents.models.tariff import Tariff
from ...storage.errors import StorageError
from ...storage.event import Event
from ...storage.opening import open_reader
from ...storage.place import Place
from ...storage.reader import Reader
from ...storage.redaction import is_redacted

_ENOUGH = 300
"""Replies of a role, after which more would say the same."""
_RUNS, _EVENTS = 20, 10_000
"""How many runs are looked at, the newest first, and how many events of each."""


@dataclass(slots=True)
class Taken:
    """What a role's replies have taken, in sum, beside what they could have taken at most."""

    replies: int = 0
    prompt: int = 0
    completion: int = 0
    most_prompt: int = 0
    most_completion: int = 0
    seconds: float = 0.0

    @property
    def prompt_share(self) -> float:
        """Of the bound of a prompt, so much it takes."""
        return self.prompt / max(self.most_prompt, 1)

    @property
    def completion_share(self) -> float:
        """Of the tokens that a reply may have, so many are written."""
        return self.completion / max(self.most_completion, 1)

    @property
    def latency(self) -> float:
        """Seconds of a reply, on average."""
        return self.seconds / max(self.replies, 1)

    def add(self, tariff: Tariff, asked: CallRequested, answered: CallFinished) -> None:
        """Take in a reply that was paid for."""
        most = tariff.count(asked.request)
        self.replies += 1
        self.prompt += answered.reply.prompt_tokens
        self.completion += answered.reply.completion_tokens
        self.most_prompt += most.prompt
        self.most_completion += most.completion
        self.seconds += answered.latency


def taken_in(place: Place, models: Mapping[str, Model]) -> dict[str, Taken]:
    """Role -> what its model's replies in the log at `place` have taken; only where there are any."""
    found = {role: Taken() for role in models}
    try:
        with open_reader(place) as reader:
            for summary in islice(reversed(reader.runs()), _RUNS):
                _learn(reader, summary.run, models, found)
    except StorageError:
        # No log, or none that can be read: an estimate is not the place to complain of that.
        return {}
    return {role: taken for role, taken in found.items() if taken.replies}


def _learn(reader: Reader, run: str, models: Mapping[str, Model], found: dict[str, Taken]) -> None:
    first = next(reader.read(run, kinds=("run.started",)), None)
    started = _said(first) if first is not None else None
    if not isinstance(started, RunStarted):
        return
    wanted = {
        role: Tariff(model=model)
        for role, model in models.items()
        if started.models.get(role) == model.identity and found[role].replies < _ENOUGH
    }
    asked: dict[str, CallRequested] = {}
    events = reader.read(run, kinds=("call.requested", "call.finished")) if wanted else ()
    for event in islice(events, _EVENTS):
        message = _said(event)
        if isinstance(message, CallRequested) and message.model in wanted:
            asked[event.id] = message
        elif isinstance(message, CallFinished) and message.reused is None:
            request = asked.pop(event.cause or "", None)
            if request is not None and found[request.model].replies < _ENOUGH:
                found[request.model].add(wanted[request.model], request, message)


def _said(event: Event) -> object:
    return None if is_redacted(event) else decode(event)
