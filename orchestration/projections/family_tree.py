"""Family tree of the prompts of a run, and the word changes from parent to child."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from ...agents.messages import Stage
from ...agents.operators.lineage import changed_texts
from ...agents.stage_names import StageKind, is_kind
from ...prompts.candidate import Candidate
from ...prompts.demonstrations import without_demonstrations
from ...prompts.named_texts import differing_texts, split_texts
from .history import RunHistory

WordChange = Literal["same", "gone", "new"]
_KINDS: tuple[StageKind, ...] = ("target", "carried", "control", "source")
_WORDS = re.compile(r"\s+|[^\s]+")
_MOST_COMPARED = 16_000_000
"""Greatest product of the numbers of pieces of two texts that are compared: 2,000 words each."""


@dataclass(frozen=True, slots=True)
class FamilyMember:
    """A prompt with its children. A prompt with two parents is a child of the first that is in the run.

    `changed` names the texts in which it differs from its parent; it is empty if a prompt is one text.
    """

    candidate: Candidate
    parent: Candidate | None
    changed: tuple[str, ...]
    children: tuple["FamilyMember", ...]

    def walk(self, depth: int = 0) -> Iterator[tuple[int, "FamilyMember"]]:
        """Yield the prompt and its descendants with their depths."""
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)


def family_tree(history: RunHistory) -> list[FamilyMember]:
    """Return the roots of the family trees, in the order in which their prompts appeared."""
    known = history.candidates
    below: dict[str | None, list[Candidate]] = {}
    placed: set[str] = set()
    for candidate in known.values():
        # A parent that appeared later would close a circle: a seed prompt can be proposed again as a child.
        parent = next((id_ for id_ in candidate.parents if id_ in placed), None)
        placed.add(candidate.id)
        below.setdefault(parent, []).append(candidate)

    def node(candidate: Candidate, parent: Candidate | None) -> FamilyMember:
        children = (node(child, candidate) for child in below.get(candidate.id, ()))
        changed = changed_texts(candidate.id, known, history.state.texts) if parent else ()
        return FamilyMember(candidate, parent, changed, tuple(children))

    return [node(candidate, None) for candidate in below.get(None, ())]


def word_diff(before: str, after: str) -> list[tuple[WordChange, str]]:
    """Return `after` in pieces, with the removed pieces of `before`; same and new pieces join to `after`.

    Texts that would take long to compare, such as those of a forged log, are told as replaced as a whole.
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) * len(new) > _MOST_COMPARED and old != new:
        return [("gone", before), ("new", after)]
    pieces: list[tuple[WordChange, str]] = []
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
class TextChanges:
    """Word changes of one text of a prompt; `name` is "" if a prompt is one text."""

    name: str
    changes: list[tuple[WordChange, str]]


def text_changes(before: str, after: str, names: Sequence[str]) -> list[TextChanges]:
    """Return the word changes of each text that differs, or of the whole prompt if it is one text.

    Prompts that do not hold `names`, or that differ in their demonstrations alone, are compared as a whole.
    """
    whole = [TextChanges("", word_diff(before, after))]
    if len(names) < 2:
        return whole
    changed = differing_texts(before, after, names)
    one, other = (split_texts(without_demonstrations(prompt), names) for prompt in (before, after))
    if not changed or one is None or other is None:
        return whole
    return [TextChanges(name, word_diff(one[name], other[name])) for name in changed]


@dataclass(frozen=True, slots=True)
class StagePosition:
    """Position of a prompt in a stage that scored it."""

    stage: Stage
    score: float
    """Mean composite score in [0, 1] over the tasks of the stage."""
    examples: int
    best: bool
    """Whether it is the best prompt of that stage."""
    stopped: bool


def position_of(history: RunHistory, prompt: str) -> StagePosition | None:
    """Return the position in the target, else in the control or source stage; None without a score."""
    boards = history.state.leaderboards
    for stage in (stage for kind in _KINDS for stage in boards if is_kind(stage, kind)):
        board, row = boards[stage], boards[stage].rows.get(prompt)
        if row and row.score is not None:
            return StagePosition(stage, row.score, row.n, row is board.best(), row.stopped_at is not None)
    return None
