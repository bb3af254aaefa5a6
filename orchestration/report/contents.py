"""The contents of the report as plain data: every number and text in it, before anything is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ...agents.messages import Comparison
from ...agents.scoring.objective import COMPOSITE_TITLE
from ...prompts.candidate import Candidate
from ..projections.cost_breakdown import RoleCost, StageCost, TimeShare, by_role, by_stage, time_shares
from ..projections.doubtful_golds import DoubtfulGold, doubtful_golds
from ..projections.family_tree import StagePosition, TextChanges, family_tree, position_of, text_changes
from ..projections.finalist_scores import Finalist, finalists_of
from ..projections.held_out import AnswerPair, Reliability, answer_pairs, reliabilities
from ..projections.history import RunHistory
from ..projections.learning_curve import LearningPoint, PromptWorth, learning_curve, prompt_worths
from ..projections.prompt_history import PromptHistory, prompt_history
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
    headline: str
    words: tuple[str, ...]
    """The verdict in sentences."""
    winner: Candidate | None
    finalists: tuple[Finalist, ...]
    comparisons: tuple[Comparison, ...]
    against_control: tuple[Comparison, ...]
    learning: tuple[LearningPoint, ...]
    worths: tuple[PromptWorth, ...]
    reliabilities: tuple[Reliability, ...]
    pairs: tuple[AnswerPair, ...]
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
    seq: int
    """Seq of the last event that was read."""
    hash: str
    """Hash of that event, in hexadecimal."""
    redacted: int
    """Number of redacted payloads."""


def contents_of(history: RunHistory) -> Contents:
    """Return the report of a run, which need not be finished."""
    state, finished = history.state, history.state.finished
    return Contents(
        run=history.run,
        name=history.opening.name,
        metric=state.metric,
        score=COMPOSITE_TITLE if state.composite else state.metric,
        status=state.status,
        headline=headline(history),
        words=verdict_sentences(history),
        winner=state.winner,
        finalists=tuple(finalists_of(history)),
        comparisons=finished.comparisons if finished else (),
        against_control=finished.against_control if finished else (),
        learning=tuple(learning_curve(history)),
        worths=tuple(w for kind in ("carried", "target", "control") for w in prompt_worths(history, kind)),
        reliabilities=tuple(reliabilities(history)),
        pairs=tuple(answer_pairs(history)),
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
        seq=history.seq,
        hash=history.hash,
        redacted=history.redacted,
    )


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
