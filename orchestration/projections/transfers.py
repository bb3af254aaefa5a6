"""What was transferred to the target, and what its gate has shown."""

from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from ...agents.messages import ExperienceApplied, Message, PromptPromoted, RaceFinished
from ...agents.messages.base import plural
from ...agents.stage_names import is_kind, stage_target

Origin = Literal["source tasks", "other targets", "source tasks and other targets", "earlier runs"]


class Transfer(BaseModel):
    """A prompt with rules of other tasks against the user's own one, on the same examples of the target.

    `gain` is in utility per example, in [-1, 1]. The target stage began from a prompt that `passed`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidate: str
    origin: Origin
    rules: int
    """Number of rules that it brought; 0 for a whole prompt."""
    gain: float
    examples: int
    passed: bool
    target: str
    """Name of the target's task; empty if the run has one target."""

    def __str__(self) -> str:
        what = plural(self.rules, "rule") if self.rules else "a prompt"
        found = f"{100 * self.gain:+.0f} points on {plural(self.examples, 'example')} against your own prompt"
        course = "the search began from there" if self.passed else "the search went on as without it"
        aim = f" for {self.target}" if self.target else ""
        return f"{what} of the {self.origin} in {self.candidate}{aim}: {found}; {course}"


class Withdrawal(NamedTuple):
    """A prompt that did not pass its gate."""

    candidate: str
    best: str | None
    """Another transferred prompt that has passed, from which the search goes on; None if there is none."""


class Transfers:
    """The transfers of a run, in the order in which they were decided."""

    def __init__(self) -> None:
        self.decided: list[Transfer] = []
        self._waiting: dict[str, tuple[Origin, int]] = {}

    def apply(self, message: Message) -> Withdrawal | None:
        """Take in the next message; return the prompt that it withdraws, if it does."""
        match message:
            case PromptPromoted():
                self._waiting[message.as_candidate.id] = _origin(message), len(message.rules)
            case ExperienceApplied():
                self._waiting[message.candidate.id] = "earlier runs", len(message.rules)
            # The gate is a race of one prompt. In older logs a transferred prompt raced with others.
            case RaceFinished(results=[result], step=0) if result.candidate in self._waiting:
                origin, rules = self._waiting.pop(result.candidate)
                self.decided.append(
                    Transfer(
                        candidate=result.candidate,
                        origin=origin,
                        rules=rules,
                        gain=result.gain,
                        examples=result.examples,
                        passed=message.winner == result.candidate,
                        target=stage_target(message.stage),
                    )
                )
                # A race that was broken off, as when the budget has ended, has decided nothing.
                if message.winner is None and (result.outcome == "stopped" or message.refused):
                    best = message.against if self._has_passed(message.against) else None
                    return Withdrawal(result.candidate, best)
        return None

    def _has_passed(self, candidate: str | None) -> bool:
        return any(one.passed and one.candidate == candidate for one in self.decided)

    def as_json(self) -> list[dict[str, Any]]:
        """Return the transfers as JSON values."""
        return [one.model_dump() for one in self.decided]


def _origin(message: PromptPromoted) -> Origin:
    """Return which stages have taught the promoted prompt."""
    kinds = {is_kind(stage, "source") for stage in message.taught_by}
    if kinds == {True, False}:
        return "source tasks and other targets"
    return "source tasks" if True in kinds else "other targets"
