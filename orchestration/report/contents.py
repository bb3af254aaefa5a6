"""What the report says, before anything is drawn: every number and word of it, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ...agents.messages import Comparison
from ...prompts.candidate import Candidate
from ..projections.cost_breakdown import RoleCost, Share, StageCost, by_role, by_stage, time_shares
from ..projections.family_tree import Change, StagePosition, forest, place_of, word_diff
from ..projections.held_out import Pair, Reliability, finalists, pairs, reliabilities
from ..projections.history import RunHistory
from ..projections.learning_curve import Point, Worth, learning, worths
from ..projections.prompt_history import PromptHistory, life_of
from .verdict_text import headline, in_words


@dataclass(frozen=True, slots=True)
class Finalist:
    """A prompt of the verdict with its measures on the held-out examples; intervals are of 95 %."""

    role: str
    id: str
    operator: str
    text: str
    composite: float
    accuracy: float | None
    accuracy_low: float | None
    accuracy_high: float | None
    examples: int


@dataclass(frozen=True, slots=True)
class Member:
    """A prompt of the family tree; `changes` is its text against its parent's, piece by piece."""

    depth: int
    life: PromptHistory
    place: StagePosition | None
    changes: tuple[tuple[Change, str], ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything in the report of a run."""

    run: str
    name: str
    outcome: str
    """running, finished or failed."""
    headline: str
    words: tuple[str, ...]
    """The verdict in sentences."""
    winner: Candidate | None
    finalists: tuple[Finalist, ...]
    comparisons: tuple[Comparison, ...]
    against_control: tuple[Comparison, ...]
    learning: tuple[Point, ...]
    worths: tuple[Worth, ...]
    reliabilities: tuple[Reliability, ...]
    pairs: tuple[Pair, ...]
    family: tuple[Member, ...]
    costs: tuple[RoleCost, ...]
    shares: tuple[Share, ...]
    stages: tuple[StageCost, ...]
    settings: Mapping[str, Any]
    models: Mapping[str, str]
    versions: Mapping[str, str]
    started: str
    """ISO 8601, UTC."""
    seconds: float
    seq: int
    hash: str
    """Of the last event that was read, in hexadecimal."""
    redacted: int


def contents_of(account: RunHistory) -> Contents:
    """The report of a run, finished or not."""
    view, finished = account.view, account.view.finished
    return Contents(
        run=account.run,
        name=account.opening.name,
        outcome=view.outcome,
        headline=headline(account),
        words=in_words(account),
        winner=view.winner,
        finalists=tuple(finalists_of(account)),
        comparisons=finished.comparisons if finished else (),
        against_control=finished.against_control if finished else (),
        learning=tuple(learning(account)),
        worths=(*worths(account, "target"), *worths(account, "control")),
        reliabilities=tuple(reliabilities(account)),
        pairs=tuple(pairs(account)),
        family=tuple(_family(account)),
        costs=tuple(by_role(account)),
        shares=tuple(time_shares(account)),
        stages=tuple(by_stage(account)),
        settings=account.opening.config,
        models=account.opening.models,
        versions=account.opening.versions,
        started=(view.started or datetime.fromtimestamp(0, UTC)).isoformat(timespec="seconds"),
        seconds=view.elapsed,
        seq=account.seq,
        hash=account.hash,
        redacted=account.redacted,
    )


def finalists_of(account: RunHistory) -> list[Finalist]:
    """The prompts of the verdict; none as long as there is no verdict."""
    finals = account.finals()
    found = []
    for role, id_ in finalists(account).items():
        if id_ not in finals or id_ not in account.candidates:
            continue
        candidate, final = account.candidates[id_], finals[id_]
        accuracy = final.score.measures["accuracy"]
        found.append(
            Finalist(
                role=role,
                id=id_,
                operator=candidate.operator,
                text=candidate.text,
                composite=final.score.composite,
                accuracy=accuracy.value,
                accuracy_low=accuracy.low,
                accuracy_high=accuracy.high,
                examples=final.seen,
            )
        )
    return found


def _family(account: RunHistory) -> list[Member]:
    return [
        Member(
            depth=depth,
            life=life_of(account, relative.candidate.id),
            place=place_of(account, relative.candidate.id),
            changes=tuple(
                word_diff(relative.parent.text, relative.candidate.text)
                if relative.parent
                else [("same", relative.candidate.text)]
            ),
        )
        for root in forest(account)
        for depth, relative in root.walk()
    ]
