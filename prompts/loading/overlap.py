"""Questions that stand more than once in the data of a task: one copy stays, in the most protected split.

The order of protection is test, dev, train. The verdict rests on test, so dev must not hold what is in test,
and train must not hold what is in either. Within one split the first copy stays, because a repeated question
would count as independent evidence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import TaskError
from ..task import Split
from .fingerprints import answers_of
from .placed import Placed
from .similarity import ExactIndex, NearIndex

_MOST_LOST = 0.5
"""Share of the rows that may be left out. Above it, the data are not what they were taken for."""
_PROTECTION: Sequence[Split] = ("test", "dev", "train")


@dataclass
class _Copies:
    """Copies that are left out, each with the example that stays."""

    of: str
    """Name of the rows that are repeated, for messages."""
    exact: list[tuple[Placed, Placed]] = field(default_factory=list)
    near: list[tuple[Placed, Placed]] = field(default_factory=list)

    @property
    def contradicting(self) -> list[tuple[Placed, Placed]]:
        """Exact copies whose right answer differs."""
        return [(copy, kept) for copy, kept in self.exact
                if answers_of(copy.example) != answers_of(kept.example)]  # fmt: skip


def without_copies(name: str, placed: Sequence[Placed], notes: list[str]) -> list[Placed]:
    """Return the examples of one file without exact copies, before the file is cut into splits.

    Appends to `notes` what is left out. Raises `TaskError` if more than half of the rows are copies.
    """
    known, copies = ExactIndex(), _Copies("another row")
    kept = []
    for one in placed:
        if _is_new(one, known, None, copies):
            kept.append(one)
            known.add(one)
    _report(name, "the data", len(placed), copies, notes)
    return kept


def without_overlap(
    name: str, splits: Mapping[Split, Sequence[Placed]], shown: Sequence[str], notes: list[str]
) -> dict[Split, list[Placed]]:
    """Return the splits without questions that stand, exactly or nearly, in a more protected split.

    `shown` names the columns that the model sees; without any, it sees question and context.
    Appends to `notes` what is left out. Raises `TaskError` if more than half of a split is left out.
    """
    exact = ExactIndex()
    near = NearIndex([one for split in splits.values() for one in split], shown)
    kept: dict[Split, list[Placed]] = {"train": [], "dev": [], "test": []}
    for position, split in enumerate(_PROTECTION):
        across = _Copies(" or ".join(_PROTECTION[:position]))
        within, own = _Copies("another row"), ExactIndex()
        for one in splits[split]:
            if _is_new(one, exact, near, across) and _is_new(one, own, None, within):
                kept[split].append(one)
                own.add(one)
        for copies in (across, within):
            _report(name, split, len(splits[split]), copies, notes)
        if position < len(_PROTECTION) - 1:
            for one in kept[split]:
                exact.add(one)
                near.add(one)
    return kept


def _is_new(one: Placed, exact: ExactIndex, near: NearIndex | None, copies: _Copies) -> bool:
    """Return whether an example repeats no known one; otherwise record it in `copies`."""
    if twin := exact.find(one):
        copies.exact.append((one, twin))
    elif near and (twin := near.find(one)):
        copies.near.append((one, twin))
    else:
        return True
    return False


def _report(name: str, part: str, count: int, copies: _Copies, notes: list[str]) -> None:
    """Append what is left out of `part` to `notes`. Raise `TaskError` if it is too much."""
    found = [*copies.exact, *copies.near]
    if not found:
        return
    copy, kept = found[0]
    first = f"{copy.where} repeats {kept.where}"
    if len(found) > _MOST_LOST * count:
        raise TaskError(
            f"task {name}: {len(found)} of {count} rows of {part} repeat a question of {copies.of}, such as "
            f"{first}. Remove the copies, so that no split holds what another one holds; or map the column "
            "that makes these rows different, such as data.columns = { context = ... }."
        )
    kind = f", {len(copies.near)} of them nearly" if copies.near else ""
    notes.append(
        f"task {name}: {len(found)} of {count} rows of {part} are left out, because they repeat a question "
        f"of {copies.of}{kind}. The first: {first}."
    )
    if contradicting := copies.contradicting:
        copy, kept = contradicting[0]
        notes.append(
            f"task {name}: {len(contradicting)} of these rows contradict the right answer of the row that "
            f"they repeat. The first: {copy.where} says {_shown(copy)}, {kept.where} says {_shown(kept)}."
        )


def _shown(one: Placed) -> str:
    return " or ".join(repr(answer) for answer in sorted(answers_of(one.example)))
