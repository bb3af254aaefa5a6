"""A prompt's life in words: where it comes from, how it scored, whom it met in the races, how it ended."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ...agents.messages import (
    CandidateRejected,
    CandidateStopped,
    Comparison,
    JudgementRequested,
    Message,
    PromptJudged,
    PromptPromoted,
    PromptScored,
    ProposalsMade,
    RaceFinished,
    RunFinished,
    StageFinished,
    StageStarted,
)
from ...agents.messages.base import plural
from ...agents.messages.scores import Measure
from .history import RunHistory
from .leaderboard import held_out
from .prompt_origin import PromptOrigin, making_of

What = Literal[
    "born", "rejected", "scored", "stopped", "judged", "race", "promoted", "stage", "front", "verdict"
]


@dataclass(frozen=True, slots=True)
class Chapter:
    """One thing that happened to a prompt. `seq` is the message that says so (`tp show RUN SEQ`)."""

    seq: int
    clock: float
    """Seconds since the run began."""
    stage: str | None
    what: What
    text: str


@dataclass(frozen=True, slots=True)
class PromptHistory:
    """A prompt, how it was made, and its chapters in order."""

    id: str
    operator: str
    parents: tuple[str, ...]
    text: str
    summary: str
    """How it ended, in one sentence."""
    making: PromptOrigin | None
    """None for a prompt that nobody proposed: it was there from the start, or was promoted."""
    chapters: tuple[Chapter, ...]


def life_of(account: RunHistory, prompt: str) -> PromptHistory:
    """The life of the prompt with the id `prompt`, which is one of the account's."""
    candidate = account.candidates[prompt]
    chapters = tuple(_chapters(account, prompt))
    return PromptHistory(
        id=prompt,
        operator=candidate.operator,
        parents=candidate.parents,
        text=candidate.text,
        summary=_summary(account, prompt, chapters),
        making=making_of(account, prompt),
        chapters=chapters,
    )


def _chapters(account: RunHistory, prompt: str) -> Iterator[Chapter]:
    for said in account.said:
        stage = getattr(said.message, "stage", None)
        for kind, what, tell in _TELLERS:
            if isinstance(said.message, kind) and (text := tell(said.message, prompt)):
                yield Chapter(said.seq, said.clock, stage, what, text)


def _opened(message: StageStarted, prompt: str) -> str | None:
    for candidate in message.population:
        if candidate.id == prompt:
            among = plural(len(message.population), "prompt")
            return f"begins the {message.stage} stage, among {among} ({candidate.operator})"
    return None


def _proposed(message: ProposalsMade, prompt: str) -> str | None:
    for candidate in message.candidates:
        if candidate.id == prompt:
            of = f" from {' and '.join(candidate.parents)}" if candidate.parents else ""
            return f"proposed in step {message.step} of the {message.stage} stage by {candidate.operator}{of}"
    return None


def _rejected(message: CandidateRejected, prompt: str) -> str | None:
    return f"not scored: {message.reason}" if message.candidate.id == prompt else None


def _scored(message: PromptScored, prompt: str) -> str | None:
    if message.candidate != prompt:
        return None
    right = sum(outcome.correct for outcome in message.outcomes)
    where = f"{'held-out' if held_out(message) else message.split} examples of {message.task}"
    return (
        f"{right} of {len(message.outcomes)} {where} right; over all {message.seen} so far accuracy "
        f"{measured(message.score.measures['accuracy'])}, score {message.score.composite:.3f}"
    )


def measured(measure: Measure) -> str:
    """A measure with its interval, as it stands in a sentence."""
    if measure.value is None:
        return "undefined"
    if measure.low is None or measure.high is None:
        return f"{measure.value:.2f}"
    return f"{measure.value:.2f} ({measure.low:.2f} to {measure.high:.2f})"


def _stopped(message: CandidateStopped, prompt: str) -> str | None:
    if message.candidate != prompt:
        return None
    return f"stopped after {message.seen} of {message.total} examples: {message.reason}"


def _judged(message: PromptJudged, prompt: str) -> str | None:
    if message.candidate != prompt:
        return None
    found = ", ".join(f"{name} {measured(measure)}" for name, measure in message.measures.items())
    return f"the judge says: {found or 'nothing that could be read'}"


def _asked_judge(message: JudgementRequested, prompt: str) -> str | None:
    if message.candidate.id != prompt:
        return None
    return f"the judge is asked about its {', '.join(message.dimensions)}"


def _raced(message: RaceFinished, prompt: str) -> str | None:
    where = f"race of step {message.step} ({message.stage})"
    if message.against == prompt:
        return f"{where}: {_as_incumbent(message)}"
    mine = next((result for result in message.results if result.candidate == prompt), None)
    if mine is None:
        return None
    if message.winner == prompt and message.against is None:
        return f"{where}: the best of {plural(len(message.results), 'prompt')}"
    how = f"{_points(mine.gain)} against {message.against or message.winner} over {mine.examples} examples"
    if message.winner == prompt:
        sure = "on evidence that holds" if mine.outcome == "better" else "which proves little yet"
        return f"{where}: won, {how}, {sure}"
    if message.refused and message.refused.startswith(prompt):
        return f"{where}: came first, {how}, but {message.refused}"
    return f"{where}: lost, {how}"


def _as_incumbent(message: RaceFinished) -> str:
    """How the prompt fared that the others raced against."""
    winner = next((result for result in message.results if result.candidate == message.winner), None)
    if winner is None:
        refused = f"; {message.refused}" if message.refused else ""
        return f"stays the best against {plural(len(message.results), 'challenger')}{refused}"
    return f"beaten by {winner.candidate}, {_points(winner.gain)} over {winner.examples} examples"


def _points(gain: float) -> str:
    return f"{100 * gain:+.1f} points of utility"


def _promoted(message: PromptPromoted, prompt: str) -> str | None:
    if message.standing.candidate.id == prompt:
        kept = message.as_candidate.id
        as_ = "" if kept == prompt else f" without its demonstrations, as {kept}"
        return f"promoted to the target{as_} (rank {message.rank} among {message.among}): {message.reason}"
    if message.as_candidate.id == prompt:
        return f"carried into the target from {message.standing.candidate.id}, without its demonstrations"
    return None


def _closed(message: StageFinished, prompt: str) -> str | None:
    if message.best.candidate.id == prompt:
        return f"the best of the {message.stage} stage at {message.best.score:.3f} ({message.reason})"
    return None


def _on_front(message: StageFinished, prompt: str) -> str | None:
    if prompt in message.front and prompt != message.best.candidate.id:
        return f"on the Pareto front of the {message.stage} stage: none beats it in every weighted measure"
    return None


def _verdict(message: RunFinished, prompt: str) -> str | None:
    told = []
    if message.best.id == prompt:
        told.append(f"the prompt of the verdict: {message.verdict}")
    if message.initial.id == prompt:
        told.append(f"the baseline of the verdict{_difference(message.comparisons)}")
    if message.control is not None and message.control.id == prompt:
        told.append(f"the best of the control{_difference(message.against_control)}")
    return "; ".join(told) or None


def _difference(comparisons: tuple[Comparison, ...]) -> str:
    accuracy = next((c for c in comparisons if c.measure == "accuracy"), None)
    if accuracy is None:
        return ""
    return (
        f": accuracy {accuracy.other:.3f}, and the best prompt differs from it by "
        f"{100 * accuracy.difference:+.1f} points ({100 * accuracy.low:+.1f} to {100 * accuracy.high:+.1f})"
    )


_TELLERS: tuple[tuple[type[Message], What, Callable[[Any, str], str | None]], ...] = (
    (StageStarted, "born", _opened),
    (ProposalsMade, "born", _proposed),
    (CandidateRejected, "rejected", _rejected),
    (PromptScored, "scored", _scored),
    (CandidateStopped, "stopped", _stopped),
    (JudgementRequested, "judged", _asked_judge),
    (PromptJudged, "judged", _judged),
    (RaceFinished, "race", _raced),
    (PromptPromoted, "promoted", _promoted),
    (StageFinished, "stage", _closed),
    (StageFinished, "front", _on_front),
    (RunFinished, "verdict", _verdict),
)


def _summary(account: RunHistory, prompt: str, chapters: tuple[Chapter, ...]) -> str:
    """The chapter that decided: the verdict, or else the last stop, loss or rejection."""
    finished = account.view.finished
    if finished is not None and finished.best.id == prompt:
        return "It is the prompt to use."
    if finished is not None and finished.control is not None and finished.control.id == prompt:
        return "It is the best prompt of the control, which is there to be compared with."
    deciding = [c for c in chapters if c.what in {"rejected", "stopped", "race", "promoted", "stage"}]
    # The control comes after everything: it decides of nobody who was in the search itself.
    deciding = [c for c in deciding if c.stage != "control"] or deciding
    if not deciding:
        return "It has not been in a race."
    # A race that it was stopped in is lost for that reason.
    dropped = deciding[-1].what == "race" and [c.what for c in deciding[-2:-1]] == ["stopped"]
    return f"Last: {deciding[-2 if dropped else -1].text}."
