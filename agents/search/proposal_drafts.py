"""Drafts of a step's proposals: candidates that edits have made, and questions for a model."""

from collections import Counter
from dataclasses import dataclass, replace
from random import Random

from ...prompts.candidate import Candidate
from ...prompts.rendering import render
from ..operators.base import Edit, Question, Writer
from ..operators.blame import blamed_texts
from ..operators.library import OPERATORS
from ..operators.material import Material
from ..operators.names import OperatorName
from .bandit import Bandit, most
from .text_choice import TextChoice

_IDLE = 2
"""Number of races in a row without a winner after which costly operators are used too."""


@dataclass(frozen=True, slots=True)
class ProposalDraft:
    """A proposal that a model has yet to write. `number` is its place in the step, from 0."""

    number: int
    operator: Writer
    question: Question


def draft_step(
    material: Material,
    count: int,
    bandit: Bandit[OperatorName],
    known: set[str],
    random: Random,
    texts: TextChoice | None = None,
) -> list[Candidate | ProposalDraft]:
    """Return up to `count` proposals by operators that `bandit` chooses; add the candidates to `known`.

    An operator that finds nothing new is not used again in the step. `texts` chooses the text that each
    proposal changes, if the prompts have several.
    """
    texts = texts or TextChoice(material.texts)
    if material.texts:
        mistakes = [parent.mistakes for parent in material.parents]
        texts.begin_step(blamed_texts(mistakes, material.texts), random)
    suited = {name: OPERATORS[name] for name in bandit.names if OPERATORS[name].suits(material)}
    cheap = {name: operator for name, operator in suited.items() if not operator.costly}
    # Operators that make answers longer come last, because all later prompts inherit the cost.
    usable = suited if bandit.idle >= _IDLE else cheap or suited
    used: Counter[str] = Counter()
    drafts: list[Candidate | ProposalDraft] = []
    while usable and len(drafts) < count:
        limit = most(count, len(usable))
        name = bandit.choose([name for name in usable if used[name] < limit], random)
        focused = _focused(material, usable[name], texts)
        draft = _draft(usable[name], len(drafts), focused, known, random) if focused else None
        if focused is None or draft is None:
            del usable[name]
            continue
        used[name] += 1
        if focused.part:
            texts.take(focused.part)
        drafts.append(draft)
        if isinstance(draft, ProposalDraft):
            # The next request of the step shows other examples and gives another direction.
            material = material.after(draft.question.keys, draft.question.direction)
    return drafts


def again(draft: ProposalDraft, reason: str) -> ProposalDraft:
    """Return the draft with a question that adds why the last reply could not be used."""
    text = render("again", text=draft.question.text, reason=reason)
    return replace(draft, question=replace(draft.question, text=text))


def _focused(material: Material, operator: Edit | Writer, texts: TextChoice) -> Material | None:
    """Return the material for the text whose turn it is; None if the operator suits no text."""
    if operator.whole or not material.texts:
        return material
    every = (material.focus(name) for name in texts.order())
    return next((focused for focused in every if operator.suits(focused)), None)


def _draft(
    operator: Edit | Writer, number: int, material: Material, known: set[str], random: Random
) -> Candidate | ProposalDraft | None:
    if isinstance(operator, Writer):
        return ProposalDraft(number, operator, operator.question(material, random))
    candidate = operator.candidate(material, known, random)
    if candidate is not None:
        known.add(candidate.id)
    return candidate
