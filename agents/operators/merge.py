"""Merge: a child takes each text from the parent that has improved it, as in GEPA (arXiv 2507.19457).

Two good prompts that have come from a common ancestor are merged text by text. A text that only one of them
has changed is taken from that one. A text that both have changed is taken from the one that ranks higher.
Prompts that were stopped early, are hardly tried, or rank below the ancestor are not merged.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations
from random import Random

from ...prompts.candidate import Candidate
from ...prompts.named_texts import join_texts, split_texts
from .base import Edit, Edited
from .material import Material, Parent


class Merge(Edit):
    """Joins the changed texts of two good prompts. Pairs that rank high come first; nothing is drawn."""

    name = "merge"
    whole = True

    def wants(self, material: Material) -> bool:
        """Return whether two good prompts have changed different texts of a common ancestor."""
        return next(_merged(material), None) is not None

    def edit(self, material: Material, random: Random) -> Edited:
        """Return the first merged prompt."""
        return next(_merged(material))

    def candidate(self, material: Material, known: Collection[str], random: Random) -> Candidate | None:
        """Return the first merged prompt whose id is not in `known`; None if there is none."""
        every = (self.fitting(edited, material, known) for edited in _merged(material))
        return next((made for made in every if made), None)


def _merged(material: Material) -> Iterator[Edited]:
    """Yield the merged prompts, those of the pairs that rank highest first."""
    pairs = list(combinations(_good(material.parents), 2)) if material.texts else []
    for one, other in sorted(pairs, key=lambda pair: (pair[0].rank + pair[1].rank, pair[0].rank)):
        text = _merge(one, other, material)
        if text is not None:
            yield text + one.demonstrations, (one.id, other.id)


def _good(parents: Sequence[Parent]) -> list[Parent]:
    most = max((parent.examples for parent in parents), default=0)
    return [p for p in parents if not p.stopped and (p.leader or 2 * p.examples >= most)]


def _merge(one: Parent, other: Parent, material: Material) -> str | None:
    """Return the texts of two prompts merged; None if that would be one of the two."""
    ancestor = material.lineage.common_ancestor(one.id, other.id)
    if ancestor is None or any(p.id == ancestor.id and p.rank < other.rank for p in material.parents):
        return None
    old, mine, others = (
        split_texts(p, material.texts) for p in (ancestor.text, one.instruction, other.instruction)
    )
    if old is None or mine is None or others is None:
        return None
    made = {name: _text(name, old, mine, others) for name in material.texts}
    return None if made in (mine, others) else join_texts(made)


def _text(name: str, old: Mapping[str, str], mine: Mapping[str, str], others: Mapping[str, str]) -> str:
    return others[name] if mine[name] == old[name] else mine[name]
