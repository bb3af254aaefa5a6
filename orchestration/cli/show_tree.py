"""Output of `show RUN --tree`: the prompts as a family tree, each with its changes to its parent."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from rich.tree import Tree

from ...agents.scoring.objective import COMPOSITE_TITLE
from ...prompts.demonstrations import MARKER, split_prompt
from ...storage.reader import Reader
from ..console.how_made import how_made
from ..console.visible import harmless, one_line
from ..projections.family_tree import (
    FamilyMember,
    StagePosition,
    WordChange,
    family_tree,
    position_of,
    word_diff,
)
from ..projections.history import RunHistory, read_history
from .diff_text import diff_prompts, diff_text
from .output import print_document
from .screen import open_screen

_CHANGES = "{+new+} [-gone-] compared with its parent"
_NAMED = 3
"""Number of further parents that are named; "history" prompts may have many."""


@dataclass(frozen=True, slots=True)
class TreePrompt:
    """A prompt of the family tree, below `parent`. `changes` is its text compared with the parent's.

    `changed` names the texts that differ, if a prompt has several.
    """

    id: str
    text: str
    operator: str
    parents: tuple[str, ...]
    parent: str | None
    changed: tuple[str, ...]
    place: StagePosition | None
    changes: list[tuple[WordChange, str]] | None


@dataclass(frozen=True, slots=True)
class TreeDocument:
    """Every prompt of a run with its changes to its parent. Parents come before their children."""

    run: str
    prompts: list[TreePrompt]


def print_tree(reader: Reader, run: str, *, as_json: bool) -> None:
    """Print the family tree of a run's prompts."""
    history = read_history(reader, run)
    roots = family_tree(history)
    if as_json:
        prompts = [_tree_prompt(history, relative) for root in roots for _, relative in root.walk()]
        print_document("tree", TreeDocument(history.run, prompts))
        return
    tree = Tree(Text(f"{history.run}: {len(history.candidates)} prompts"))
    for root in roots:
        _grow(history, tree, root)
    console = open_screen()
    console.print(tree)
    console.print(Text(f"* the prompt to use   x stopped early   {_CHANGES}", style="dim"))
    score = COMPOSITE_TITLE if history.state.composite else history.state.metric
    console.print(
        Text(f"0.123 (target, n=4): {one_line(score)} on 4 development examples of the target", style="dim")
    )


def _tree_prompt(history: RunHistory, relative: FamilyMember) -> TreePrompt:
    candidate, parent = relative.candidate, relative.parent
    return TreePrompt(
        id=candidate.id,
        text=candidate.text,
        operator=candidate.operator,
        parents=candidate.parents,
        parent=parent.id if parent else None,
        changed=relative.changed,
        place=position_of(history, candidate.id),
        changes=word_diff(parent.text, candidate.text) if parent else None,
    )


def _grow(history: RunHistory, tree: Tree, relative: FamilyMember) -> None:
    branch = tree.add(_label(history, relative))
    for child in relative.children:
        _grow(history, branch, child)


def _label(history: RunHistory, relative: FamilyMember) -> Text:
    candidate = relative.candidate
    place = position_of(history, candidate.id)
    winner = history.state.winner
    mark = "* " if winner and winner.id == candidate.id else "x " if place and place.stopped else ""
    others = [id_ for id_ in candidate.parents if relative.parent and id_ != relative.parent.id]
    also = f" and {', '.join(others) if len(others) <= _NAMED else f'{len(others)} others'}" if others else ""
    head = f"{mark}{candidate.id} {how_made(candidate.operator, relative.changed)}{also}{_position(place)}  "
    return Text.assemble((head, "bold" if mark == "* " else "dim"), _wording(history, relative))


def _position(place: StagePosition | None) -> str:
    return f" {place.score:.3f} ({place.stage}, n={place.examples})" if place else " not scored"


def _wording(history: RunHistory, relative: FamilyMember) -> Text:
    """Return the instruction with its changes, and only the number of its demonstrations.

    Of several texts only those that differ are shown.
    """
    instruction, demonstrations = split_prompt(relative.candidate.text)
    if relative.parent is None:
        text = Text(harmless(one_line(instruction)))
    else:
        text = _changes(split_prompt(relative.parent.text)[0], instruction, history.state.texts)
    if demonstrations:
        count = len(demonstrations.removeprefix(f"\n\n{MARKER}\n").split("\n\n"))
        text.append(f" [{count} examples]", "dim")
    return text


def _changes(before: str, after: str, names: Sequence[str]) -> Text:
    """Return the changes of an instruction on one line."""
    if not names:
        return diff_text(one_line(before), one_line(after))
    text = diff_prompts(before, after, names, seam="  ")
    return Text(" ").join(line for line in text.split("\n") if line.plain.strip())
