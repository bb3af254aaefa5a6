"""Events in the history of a prompt, each as one sentence."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ...agents.messages import (
    CandidateRejected,
    CandidateStopped,
    Comparison,
    JudgementRequested,
    MergeMade,
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
from ...agents.messages.scores import Measure, Outcome
from ...prompts.sums import summed
from .history import RunHistory
from .leaderboard import held_out

ChapterKind = Literal[
    "born", "rejected", "scored", "stopped", "judged", "race", "promoted", "stage", "front", "verdict"
]


@dataclass(frozen=True, slots=True)
class Chapter:
    """One event in the history of a prompt; `tp show RUN SEQ` shows the message."""

    seq: int
    clock: float
    """Seconds since the run began."""
    stage: str | None
    what: ChapterKind
    text: str


def chapters_of(history: RunHistory, prompt: str) -> Iterator[Chapter]:
    """Yield the chapters of the prompt with the id `prompt`, in order."""
    for logged in history.messages:
        stage = getattr(logged.message, "stage", None)
        for kind, what, tell in _SENTENCES:
            if isinstance(logged.message, kind) and (text := tell(logged.message, prompt)):
                yield Chapter(logged.seq, logged.clock, stage, what, text)


def _opened(message: StageStarted, prompt: str) -> str | None:
    for candidate in message.population:
        if candidate.id == prompt:
            among = plural(len(message.population), "prompt")
            return f"starts the {message.stage} stage with {among} ({candidate.operator})"
    return None


def _proposed(message: ProposalsMade, prompt: str) -> str | None:
    for candidate in message.candidates:
        if candidate.id == prompt:
            of = f" from {' and '.join(candidate.parents)}" if candidate.parents else ""
            return f"proposed in step {message.step} of the {message.stage} stage by {candidate.operator}{of}"
    return None


def _worded(message: MergeMade, prompt: str) -> str | None:
    if message.candidate is None or message.candidate.id != prompt:
        return None
    return "a model worded your own prompt and rules from elsewhere as one instruction"


def _rejected(message: CandidateRejected, prompt: str) -> str | None:
    return f"rejected before scoring: {message.reason}" if message.candidate.id == prompt else None


def _scored(message: PromptScored, prompt: str) -> str | None:
    if message.candidate != prompt:
        return None
    where = f"{'held-out' if held_out(message) else message.split} examples of {message.task}"
    metric, score = message.score.measures.get("metric"), message.score.composite
    composite = "" if metric is None or metric.value == score else f", composite score {score:.3f}"
    return f"{_result(message.outcomes, where)}; over all {message.seen} so far {measured(metric)}{composite}"


def _result(outcomes: Sequence[Outcome], where: str) -> str:
    if any(outcome.graded is not None for outcome in outcomes):
        mean = summed(outcome.value for outcome in outcomes) / len(outcomes)
        return f"{mean:.2f} on average on {len(outcomes)} {where}"
    return f"{sum(outcome.correct for outcome in outcomes)} of {len(outcomes)} {where} right"


def measured(measure: Measure | None) -> str:
    """Return a measure with its interval, as it stands in a sentence."""
    if measure is None or measure.value is None:
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
    return f"judged: {found or 'no reply could be read'}"


def _asked_judge(message: JudgementRequested, prompt: str) -> str | None:
    if message.candidate.id != prompt:
        return None
    return f"the wording judge is asked for its {', '.join(message.dimensions)}"


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
        sure = "with strong evidence" if mine.outcome == "better" else "with weak evidence so far"
        return f"{where}: won, {how}, {sure}"
    if message.refused and message.refused.startswith(prompt):
        return f"{where}: finished first, {how}, but {message.refused}"
    return f"{where}: lost, {how}"


def _as_incumbent(message: RaceFinished) -> str:
    """Return the result of the incumbent."""
    winner = next((result for result in message.results if result.candidate == message.winner), None)
    if winner is None:
        refused = f"; {message.refused}" if message.refused else ""
        return f"stays the best against {plural(len(message.results), 'challenger')}{refused}"
    return f"beaten by {winner.candidate}, {_points(winner.gain)} over {winner.examples} examples"


def _points(gain: float) -> str:
    return f"{100 * gain:+.1f} points of utility"


def _promoted(message: PromptPromoted, prompt: str) -> str | None:
    kept = message.as_candidate.id
    if message.rules and prompt in (kept, message.standing.candidate.id):
        what = "merged for" if kept == prompt else f"merged with other prompts into {kept} for"
        return f"{what} the target (rank {message.rank}): {message.reason}"
    if message.standing.candidate.id == prompt:
        as_ = "" if kept == prompt else f" without its demonstrations, as {kept}"
        return f"promoted to the target{as_} (rank {message.rank} among {message.among}): {message.reason}"
    if kept == prompt:
        return f"carried into the target from {message.standing.candidate.id}, without its demonstrations"
    return None


def _closed(message: StageFinished, prompt: str) -> str | None:
    if message.best.candidate.id == prompt:
        return f"the best of the {message.stage} stage at {message.best.score:.3f} ({message.reason})"
    return None


def _on_front(message: StageFinished, prompt: str) -> str | None:
    if prompt in message.front and prompt != message.best.candidate.id:
        front = f"on the Pareto front of the {message.stage} stage"
        return f"{front}: none beats it in every metric and weighted measure"
    return None


def _verdict(message: RunFinished, prompt: str) -> str | None:
    sentences = []
    if message.best.id == prompt:
        sentences.append(f"the prompt of the verdict: {message.verdict}")
    if message.initial.id == prompt:
        sentences.append(f"the baseline of the verdict{_difference(message.comparisons)}")
    if message.control is not None and message.control.id == prompt:
        sentences.append(f"the best of the control{_difference(message.against_control)}")
    return "; ".join(sentences) or None


def _difference(comparisons: tuple[Comparison, ...]) -> str:
    main = next((c for c in comparisons if c.measure == "metric"), None)
    if main is None:
        return ""
    return (
        f": {main.title} {main.other:.3f}, and the best prompt differs from it by "
        f"{100 * main.difference:+.1f} points ({100 * main.low:+.1f} to {100 * main.high:+.1f})"
    )


_SENTENCES: tuple[tuple[type[Message], ChapterKind, Callable[[Any, str], str | None]], ...] = (
    (StageStarted, "born", _opened),
    (ProposalsMade, "born", _proposed),
    (MergeMade, "born", _worded),
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
