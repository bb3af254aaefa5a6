"""Held-out examples that the best prompt has gained and lost, each with the whole replies to both prompts."""

from collections.abc import Iterable
from dataclasses import dataclass

from ...agents.messages import ScoringRequested
from ...storage.reader import Reader
from .call_records import subject
from .example_history import RecordedAnswer, recorded_answer
from .held_out import AnswerPair, finalists
from .history import RunHistory
from .leaderboard import held_out

MOST = 5
"""Examples of each change: the first in the order of the data, so that none is picked."""


@dataclass(frozen=True, slots=True)
class PairInFull:
    """A held-out example with the replies to the user's prompt and to the best one."""

    pair: AnswerPair
    initial: RecordedAnswer | None
    """None if the log does not tell which call has answered."""
    best: RecordedAnswer | None


def pairs_in_full(
    history: RunHistory, reader: Reader, pairs: Iterable[AnswerPair], most: int = MOST
) -> list[PairInFull]:
    """Return up to `most` examples that were gained, then as many that were lost."""
    listed = list(pairs)
    chosen = [p for change in ("gained", "lost") for p in [p for p in listed if p.change == change][:most]]
    roles = finalists(history)
    if not chosen:
        return []
    initial, best = (_answers(history, reader, roles[role], chosen) for role in ("initial", "best"))
    return [PairInFull(pair, initial.get(pair.example), best.get(pair.example)) for pair in chosen]


def _answers(
    history: RunHistory, reader: Reader, prompt: str, pairs: Iterable[AnswerPair]
) -> dict[str, RecordedAnswer]:
    """Return example -> answer of a finalist."""
    wanted = {subject(prompt, pair.example): pair.example for pair in pairs}
    asked = {
        logged.id: request
        for logged, request in history.of(ScoringRequested)
        if request.candidate.id == prompt and held_out(request)
    }
    outcomes = {outcome.example: outcome for outcome in history.state.finals.outcomes(prompt)}
    found = {}
    for call in history.calls.by_id.values():
        if call.cause in asked and call.about in wanted and call.ended is not None:
            example = wanted[call.about]
            outcome = outcomes.get(example)
            found[example] = recorded_answer(history, reader, asked[call.cause], call, outcome)
    return found
