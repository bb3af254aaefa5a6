"""Merge: each text comes from the parent that has improved it."""

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from operator_making import material, parent, system_material, system_prompt, system_task
from outcome_making import PROPERTY

from transfer_prompting.agents.operators.lineage import Lineage
from transfer_prompting.agents.operators.material import Material
from transfer_prompting.agents.operators.merge import Merge
from transfer_prompting.prompts.candidate import make_candidate
from transfer_prompting.prompts.named_texts import join_texts, split_texts

NAMES = ("retrieve", "answer")
ROOT = make_candidate(system_prompt(), "initial")


def family(*texts: str) -> Material:
    """Return material of prompts made from the initial one, from the best to the worst, and then that one."""
    made = [make_candidate(text, "reflection", (ROOT.id,)) for text in texts]
    ranked = enumerate([*made, ROOT], 1)
    parents = [replace(parent(one.text, 90 - rank), rank=rank, examples=9) for rank, one in ranked]
    return Material(parents, (), [system_task()], lineage=Lineage([ROOT, *made]))


def merged(shown: Material, known: set[str] | None = None) -> dict[str, str] | None:
    """Return the texts of the merged prompt."""
    made = Merge().candidate(shown, known or set(), Random(1))
    return None if made is None else split_texts(made.text, NAMES)


def test_texts_of_both() -> None:
    """A child has the text that one parent has changed and the text that the other has changed."""
    assert merged(system_material()) == {
        "retrieve": "Find the shelf by its number, please.",
        "answer": "Name the shelf in one letter, and nothing else.",
    }


def test_both_have_changed_a_text() -> None:
    """A text that both have changed comes from the parent that ranks higher."""
    shown = family(system_prompt(answer="Name it."), system_prompt("Find it.", "Say it."))
    assert merged(shown) == {"retrieve": "Find it.", "answer": "Name it."}


def test_nothing_to_merge() -> None:
    """Parents that have changed the same text alone are not merged, nor is a prompt of one text."""
    assert merged(family(system_prompt(answer="Name it."), system_prompt(answer="Say it."))) is None
    assert merged(material()) is None
    assert not Merge().suits(material())


def test_only_good_parents() -> None:
    """A prompt that was stopped, that is hardly tried, or that ranks below the ancestor is not merged."""
    shown = system_material()
    best, second, root = shown.parents
    stopped = [best, replace(second, stopped=True), root]
    untried = [best, replace(second, examples=2), root]
    below = [best, replace(second, rank=3), replace(root, rank=2)]
    for parents in (stopped, untried, below):
        assert not Merge().suits(replace(shown, parents=parents))


def test_next_pair() -> None:
    """If the first merged prompt is known, the next pair of parents is merged."""
    shown = family(system_prompt(answer="Name it."), system_prompt("Find it."), system_prompt("Seek it."))
    first = Merge().candidate(shown, set(), Random(1))
    assert first is not None
    assert split_texts(first.text, NAMES) == {"retrieve": "Find it.", "answer": "Name it."}
    assert merged(shown, {first.id}) == {"retrieve": "Seek it.", "answer": "Name it."}


WORDS = st.sampled_from(["Find the shelf.", "Name the shelf.", "Look.", "Say it."])


@PROPERTY
@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=6), st.integers(0, 2**32))
def test_each_text_has_a_parent(pairs: list[tuple[str, str]], seed: int) -> None:
    """Each text of a merged prompt is that of one of its two parents; nothing is left to chance."""
    shown = family(*(join_texts(dict(zip(NAMES, pair, strict=True))) for pair in dict.fromkeys(pairs)))
    made = Merge().candidate(shown, {one.id for one in shown.parents}, Random(seed))
    assert made == Merge().candidate(shown, {one.id for one in shown.parents}, Random(seed + 1))
    if made is not None:
        texts = {one.id: split_texts(one.text, NAMES) or {} for one in shown.parents}
        found = split_texts(made.text, NAMES)
        assert found is not None
        assert all(found[name] in {texts[id_][name] for id_ in made.parents} for name in NAMES)
