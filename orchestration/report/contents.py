"""The contents of the report as plain data: every number and text in it, before anything is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ...agents.messages import Comparison
from ...agents.scoring.objective import COMPOSITE_TITLE
from ...prompts.candidate import Candidate
from ...storage.reader import Reader
from ..deploy.whole_request import WholeRequest, whole_request
from ..projections.answer_grid import AnswerGrid, answer_grid
from ..projections.cost_breakdown import RoleCost, StageCost, TimeShare, by_role, by_stage, time_shares
from ..projections.doubtful_golds import DoubtfulGold, doubtful_golds
from ..projections.experience.fold import read_experience
from ..projections.experience.sentences import ToldSentence, sentences_of_prompt
from ..projections.family_tree import StagePosition, TextChanges, family_tree, position_of, text_changes
from ..projections.finalist_scores import Finalist, finalists_of
from ..projections.held_out import AnswerPair, Reliability, answer_pairs, reliabilities
from ..projections.history import RunHistory
from ..projections.learning_curve import CurveEnd, LearningPoint, learning_curve
from ..projections.prompt_history import PromptHistory, prompt_history
from ..projections.prompt_worth import PromptWorth, prompt_worths
from ..projections.replies_in_full import PairInFull, pairs_in_full
from ..projections.run_comparison import money_spent
from ..projections.run_status import Status
from .verdict_text import headline, verdict_sentences


@dataclass(frozen=True, slots=True)
class Member:
    """A prompt of the family tree; `texts` holds the word changes to its parent in each text that differs."""

    depth: int
    life: PromptHistory
    place: StagePosition | None
    texts: tuple[TextChanges, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything in the report of a run."""

    run: str
    name: str
    metric: str
    """The main metric in the user's words."""
    score: str
    """The score that decides, in the user's words."""
    status: Status
    """One of `run_status.Status`."""
    improved: bool | None
    """The verdict; None before it."""
    headline: str
    words: tuple[str, ...]
    """The verdict in sentences."""
    winner: Candidate | None
    initial: Candidate | None
    """The best of the user's own prompts; None before the verdict."""
    changes: tuple[TextChanges, ...]
    """Word changes from `initial` to the winner; () if there is one of them only."""
    request: WholeRequest | None
    """The request by which the winner was measured; None without a winner."""
    sentences: tuple[ToldSentence, ...]
    """The sentences of the winner with their worth."""
    finalists: tuple[Finalist, ...]
    comparisons: tuple[Comparison, ...]
    against_control: tuple[Comparison, ...]
    learning: tuple[LearningPoint, ...]
    """The best prompt after each race."""
    learning_starts: tuple[LearningPoint, ...]
    """The best of the user's own prompts in each stage."""
    learning_ends: tuple[CurveEnd, ...]
    """The finalists on the held-out examples."""
    worths: tuple[PromptWorth, ...]
    reliabilities: tuple[Reliability, ...]
    pairs: tuple[AnswerPair, ...]
    in_full: tuple[PairInFull, ...]
    """Some of `pairs` that were gained or lost, with the whole replies."""
    grid: AnswerGrid | None
    """None before the first score."""
    doubts: tuple[DoubtfulGold, ...]
    family: tuple[Member, ...]
    costs: tuple[RoleCost, ...]
    shares: tuple[TimeShare, ...]
    stages: tuple[StageCost, ...]
    settings: Mapping[str, Any]
    models: Mapping[str, str]
    versions: Mapping[str, str]
    started: str
    """ISO 8601, UTC."""
    seconds: float
    """Duration of the run, interruptions left out."""
    calls: int
    tokens: int
    money: float | None
    """In the currency of the configured prices; None if there are none."""
    p_value: float | None
    test: str | None
    """Test of the p-value."""
    seq: int
    """Seq of the last event that was read."""
    hash: str
    """Hash of that event, in hexadecimal."""
    redacted: int
    """Number of redacted payloads."""


def contents_of(history: RunHistory, reader: Reader) -> Contents:
    """Return the report of a run, which need not be finished. `reader` is the one that it was read from."""
    state, finished = history.state, history.state.finished
    winner, pairs, curve = state.winner, answer_pairs(history), learning_curve(history)
    return Contents(
        run=history.run,
        name=history.opening.name,
        metric=state.metric,
        score=COMPOSITE_TITLE if state.composite else state.metric,
        status=state.status,
        improved=finished.improved if finished else None,
        headline=headline(history),
        words=verdict_sentences(history),
        winner=winner,
        initial=finished.initial if finished else None,
        changes=_changes(history),
        request=whole_request(reader, history.run, winner) if winner else None,
        sentences=_sentences(history, reader),
        finalists=tuple(finalists_of(history)),
        comparisons=finished.comparisons if finished else (),
        against_control=finished.against_control if finished else (),
        learning=curve.points,
        learning_starts=curve.starts,
        learning_ends=curve.ends,
        worths=tuple(w for kind in ("carried", "target", "control") for w in prompt_worths(history, kind)),
        reliabilities=tuple(reliabilities(history)),
        pairs=tuple(pairs),
        in_full=tuple(pairs_in_full(history, reader, pairs)),
        grid=answer_grid(history),
        doubts=tuple(doubtful_golds(history)),
        family=tuple(_family(history)),
        costs=tuple(by_role(history)),
        shares=tuple(time_shares(history)),
        stages=tuple(by_stage(history)),
        settings=history.opening.config,
        models=history.opening.models,
        versions=history.opening.versions,
        started=(state.started or datetime.fromtimestamp(0, UTC)).isoformat(timespec="seconds"),
        seconds=state.elapsed,
        calls=state.calls.requested,
        tokens=state.spending.prompt_tokens + state.spending.completion_tokens,
        money=money_spent(state),
        p_value=finished.p_value if finished else None,
        test=finished.test if finished else None,
        seq=history.seq,
        hash=history.hash,
        redacted=history.redacted,
    )


def _changes(history: RunHistory) -> tuple[TextChanges, ...]:
    finished = history.state.finished
    if finished is None or finished.best.id == finished.initial.id:
        return ()
    return tuple(text_changes(finished.initial.text, finished.best.text, history.state.texts))


def _sentences(history: RunHistory, reader: Reader) -> tuple[ToldSentence, ...]:
    winner = history.state.winner
    if winner is None:
        return ()
    return sentences_of_prompt(read_experience([reader], history.run), history.run, winner.text)


def _family(history: RunHistory) -> list[Member]:
    return [
        Member(
            depth=depth,
            life=prompt_history(history, relative.candidate.id),
            place=position_of(history, relative.candidate.id),
            texts=tuple(
                text_changes(relative.parent.text, relative.candidate.text, history.state.texts)
                if relative.parent
                else [TextChanges("", [("same", relative.candidate.text)])]
            ),
        )
        for root in family_tree(history)
        for depth, relative in root.walk()
    ]
