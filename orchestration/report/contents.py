"""What the report says, before anything is drawn: every number and word of it, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ...agents.messages import Comparison
from ...prompts.candidate import Candidate
from ..projections.cost_breakdown import RoleCost, StageCost, TimeShare, by_role, by_stage, time_shares
from ..projections.family_tree import StagePosition, WordChange, family_tree, position_of, word_diff
from ..projections.held_out import AnswerPair, Reliability, answer_pairs, finalists, reliabilities
from ..projections.history import RunHistory
from ..projections.learning_curve import LearningPoint, PromptWorth, learning_curve, prompt_worths
from ..projections.prompt_history import PromptHistory, prompt_history
from .words import headline, in_words


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
    changes: tuple[tuple[WordChange, str], ...]


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
    learning: tuple[LearningPoint, ...]
    worths: tuple[PromptWorth, ...]
    reliabilities: tuple[Reliability, ...]
    pairs: tuple[AnswerPair, ...]
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
    seq: int
    hash: str
    """Of the last event that was read, in hexadecimal."""
    redacted: int


def contents_of(account: RunHistory) -> Contents:
    """The report of a run, finished or not."""
    view, finished = account.state, account.state.finished
    return Contents(
        run=account.run,
        name=account.opening.name,
        outcome=view.status,
        headline=headline(account),
        words=in_words(account),
        winner=view.winner,
        finalists=tuple(finalists_of(account)),
        comparisons=finished.comparisons if finished else (),
        against_control=finished.against_control if finished else (),
        learning=tuple(learning_curve(account)),
        worths=(*prompt_worths(account, "target"), *prompt_worths(account, "control")),
        reliabilities=tuple(reliabilities(account)),
        pairs=tuple(answer_pairs(account)),
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
    finals = account.state.finals
    found = []
    for role, id_ in finalists(account).items():
        if id_ not in finals or id_ not in account.candidates:
            continue
        candidate, final = account.candidates[id_], finals.score(id_)
        accuracy = final.measures["accuracy"]
        found.append(
            Finalist(
                role=role,
                id=id_,
                operator=candidate.operator,
                text=candidate.text,
                composite=final.composite,
                accuracy=accuracy.value,
                accuracy_low=accuracy.low,
                accuracy_high=accuracy.high,
                examples=finals.examples(id_),
            )
        )
    return found


def _family(account: RunHistory) -> list[Member]:
    return [
        Member(
            depth=depth,
            life=prompt_history(account, relative.candidate.id),
            place=position_of(account, relative.candidate.id),
            changes=tuple(
                word_diff(relative.parent.text, relative.candidate.text)
                if relative.parent
                else [("same", relative.candidate.text)]
            ),
        )
        for root in family_tree(account)
        for depth, relative in root.walk()
    ]
