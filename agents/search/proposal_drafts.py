"""The proposals of one step before a model was asked: finished candidates, and questions for a model."""

from collections import Counter
from dataclasses import dataclass, replace
from random import Random

from ...prompts.candidate import Candidate
from ...prompts.rendering import render
from ..operators.base import Edit, Question, Writer
from ..operators.library import OPERATORS
from ..operators.material import Material
from .bandit import Bandit, most

_IDLE = 2
"""After so many races in a row without a winner costly operators are used, too."""


@dataclass(frozen=True, slots=True)
class ProposalDraft:
    """A proposal that a model has to write; `number` is its place in the step, from 0."""

    number: int
    operator: Writer
    question: Question


def draft_step(
    material: Material, count: int, bandit: Bandit, known: set[str], random: Random
) -> list[Candidate | ProposalDraft]:
    """Up to `count` proposals by operators that `bandit` chooses; the candidates among them join `known`.

    An operator whose edits are all known already is left out for the rest of the step.
    """
    suited = {name: OPERATORS[name] for name in bandit.names if OPERATORS[name].suits(material)}
    cheap = {name: operator for name, operator in suited.items() if not operator.costly}
    # What makes answers dearer waits until the rest has had its chance: all later prompts inherit the cost.
    usable = suited if bandit.idle >= _IDLE else cheap or suited
    used: Counter[str] = Counter()
    made: list[Candidate | ProposalDraft] = []
    while usable and len(made) < count:
        limit = most(count, len(usable))
        name = bandit.choose([name for name in usable if used[name] < limit], random)
        one = _one(usable[name], len(made), material, known, random)
        if one is None:
            del usable[name]
            continue
        used[name] += 1
        made.append(one)
    return made


def again(draft: ProposalDraft, reason: str) -> ProposalDraft:
    """The draft whose question says, besides, why the last reply could not be used."""
    text = render("again", text=draft.question.text, reason=reason)
    return replace(draft, question=replace(draft.question, text=text))


def _one(
    operator: Edit | Writer, number: int, material: Material, known: set[str], random: Random
) -> Candidate | ProposalDraft | None:
    if isinstance(operator, Writer):
        return ProposalDraft(number, operator, operator.question(material, random))
    candidate = operator.candidate(material, known, random)
    if candidate is not None:
        known.add(candidate.id)
    return candidate
