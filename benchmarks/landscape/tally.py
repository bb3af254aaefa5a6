"""Counts of a server: requests, tokens and busy time of each model, and the first request of each prompt."""

from dataclasses import asdict, dataclass, field
from typing import Any

from transfer_prompting.agents.models.base import ModelReply


@dataclass(slots=True)
class Counts:
    """Counts of one model. Tokens are those of replies that were sent; `busy_seconds` sums over its slots.

    `began` and `ended` are the first and last moment at which it was asked, in seconds of a monotonic clock.
    """

    requests: int = 0
    faults: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    busy_seconds: float = 0.0
    began: float = 0.0
    ended: float = 0.0

    def worked(self, since: float, until: float) -> None:
        """Record that a slot was busy from `since` to `until`."""
        self.busy_seconds += until - since
        self.began = self.began or since
        self.ended = until


@dataclass(slots=True)
class Evaluated:
    """One distinct prompt and its number of `requests`.

    `first` and `last` are the task model's tokens spent before its first and after its latest request.
    """

    prompt: str
    first: int
    last: int = 0
    requests: int = 0


@dataclass(slots=True)
class Tally:
    """Counts since the start or the last reset."""

    models: dict[str, Counts] = field(default_factory=dict)
    prompts: dict[str, Evaluated] = field(default_factory=dict)
    replies: dict[str, int] = field(default_factory=dict)

    def of(self, model: str) -> Counts:
        """Return the counts of `model`."""
        return self.models.setdefault(model, Counts())

    def spent(self, model: str) -> int:
        """Return the tokens of `model`, prompts and completions together."""
        counts = self.of(model)
        return counts.prompt_tokens + counts.completion_tokens

    def next_sample(self, request: str) -> int:
        """Return how often the identical request was answered before, and count this one."""
        self.replies[request] = self.replies.get(request, 0) + 1
        return self.replies[request] - 1

    def replied(self, model: str, reply: ModelReply, prompt: str | None) -> None:
        """Count a reply. `prompt` is the prompt under evaluation, if there is one."""
        before, counts = self.spent(model), self.of(model)
        counts.prompt_tokens += reply.prompt_tokens
        counts.completion_tokens += reply.completion_tokens
        if prompt is not None:
            evaluated = self.prompts.setdefault(prompt, Evaluated(prompt, before))
            evaluated.last = self.spent(model)
            evaluated.requests += 1

    def as_json(self) -> dict[str, Any]:
        """Return the counts by model."""
        return {name: asdict(counts) for name, counts in self.models.items()}

    def prompts_as_json(self) -> list[dict[str, Any]]:
        """Return every distinct prompt in the order of first requests."""
        return [asdict(evaluated) for evaluated in self.prompts.values()]
