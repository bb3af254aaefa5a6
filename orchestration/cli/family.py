"""What `show --tree` prints: the prompts as a family, each with what it changes in its parent's words."""

from typing import Any

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from ...prompts.demonstrations import MARKER, split_prompt
from ..console.formatting import harmless, one_line
from ..projections.family_tree import FamilyMember, StagePosition, family_tree, position_of, word_diff
from ..projections.history import RunHistory
from .documents import print_document
from .lives import diff_text

_NAMED = 3
"""Further parents that are named; the continued history of scored prompts has as many as it shows."""


def print_family(account: RunHistory, *, as_json: bool) -> None:
    """The family tree of a run's prompts."""
    roots = family_tree(account)
    if as_json:
        prompts = [_record(account, relative) for root in roots for _, relative in root.walk()]
        print_document("tree", {"run": account.run, "prompts": prompts})
        return
    tree = Tree(Text(f"{account.run}: {len(account.candidates)} prompts"))
    for root in roots:
        _grow(account, tree, root)
    console = Console(highlight=False)
    console.print(tree)
    console.print(Text("* the prompt to use   x stopped   {+new+} [-gone-] against its parent", style="dim"))


def _grow(account: RunHistory, tree: Tree, relative: FamilyMember) -> None:
    branch = tree.add(_label(account, relative))
    for child in relative.children:
        _grow(account, branch, child)


def _label(account: RunHistory, relative: FamilyMember) -> Text:
    candidate = relative.candidate
    place = position_of(account, candidate.id)
    winner = account.state.winner
    mark = "* " if winner and winner.id == candidate.id else "x " if place and place.stopped else ""
    others = [id_ for id_ in candidate.parents if relative.parent and id_ != relative.parent.id]
    also = f" and {', '.join(others) if len(others) <= _NAMED else f'{len(others)} others'}" if others else ""
    head = f"{mark}{candidate.id} {one_line(candidate.operator)}{also}{_standing(place)}  "
    return Text.assemble((head, "bold" if mark == "* " else "dim"), _wording(relative))


def _standing(place: StagePosition | None) -> str:
    return f" {place.score:.3f} ({place.stage}, n={place.examples})" if place else " not scored"


def _wording(relative: FamilyMember) -> Text:
    """The change to the instruction; of demonstrations only how many there are."""
    instruction, shown = split_prompt(relative.candidate.text)
    if relative.parent is None:
        text = Text(harmless(one_line(instruction)))
    else:
        text = diff_text(one_line(split_prompt(relative.parent.text)[0]), one_line(instruction))
    if shown:
        count = len(shown.removeprefix(f"\n\n{MARKER}\n").split("\n\n"))
        text.append(f" [{count} examples]", "dim")
    return text


def _record(account: RunHistory, relative: FamilyMember) -> dict[str, Any]:
    candidate = relative.candidate
    before = relative.parent.text if relative.parent else ""
    return {
        **candidate.model_dump(mode="json"),
        "parent": relative.parent.id if relative.parent else None,
        "place": position_of(account, candidate.id),
        "changes": word_diff(before, candidate.text) if relative.parent else None,
    }
