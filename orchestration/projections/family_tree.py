"""Who comes from whom: the prompts of a run as a forest, and what a child changes in its parent's words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from ...agents.messages import Stage
from ...prompts.candidate import Candidate
from .history import RunHistory

Change = Literal["same", "gone", "new"]
_STAGES: tuple[Stage, ...] = ("target", "control", "source")
_WORDS = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True, slots=True)
class Relative:
    """A prompt with the children that stand below it: below the first of its parents that is in the run."""

    candidate: Candidate
    parent: Candidate | None
    children: tuple["Relative", ...]

    def walk(self, depth: int = 0) -> Iterator[tuple[int, "Relative"]]:
        """Itself and all below it, with how deep they stand."""
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)


def forest(account: RunHistory) -> list[Relative]:
    """All prompts of the run, each under its parent, in the order in which they came up."""
    known = account.candidates
    below: dict[str | None, list[Candidate]] = {}
    placed: set[str] = set()
    for candidate in known.values():
        # A parent that came up later would make a circle: a seed can be found again as somebody's child.
        parent = next((id_ for id_ in candidate.parents if id_ in placed), None)
        placed.add(candidate.id)
        below.setdefault(parent, []).append(candidate)

    def grow(candidate: Candidate, parent: Candidate | None) -> Relative:
        children = (grow(child, candidate) for child in below.get(candidate.id, ()))
        return Relative(candidate, parent, tuple(children))

    return [grow(candidate, None) for candidate in below.get(None, ())]


def word_diff(before: str, after: str) -> list[tuple[Change, str]]:
    """`after` in pieces, with what of `before` has gone in its place; joining same and new gives `after`."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    pieces: list[tuple[Change, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(("same", "".join(new[c:d])))
            continue
        if a < b:
            pieces.append(("gone", "".join(old[a:b])))
        if c < d:
            pieces.append(("new", "".join(new[c:d])))
    return pieces


@dataclass(frozen=True, slots=True)
class StagePosition:
    """Where a prompt stands in a stage that scored it."""

    stage: Stage
    score: float
    """The mean composite score in [0, 1] over the stage's tasks."""
    examples: int
    best: bool
    """Whether it is the best prompt of that stage."""
    stopped: bool


def place_of(account: RunHistory, prompt: str) -> StagePosition | None:
    """Where the prompt stands in the target, else in the control or the source; None without a score."""
    for stage in _STAGES:
        board = account.view.boards.get(stage)
        row = board.rows.get(prompt) if board else None
        score = board.score_of(row) if board and row else None
        if board and row and score is not None:
            return StagePosition(stage, score, row.n, row is board.best(), row.stopped_at is not None)
    return None
