"""What sentences fixed and broke, told from pairs of a prompt and its parent."""

from collections.abc import Mapping

import pytest

from transfer_prompting.orchestration.projections.experience.paired import (
    PairedChanges,
    PairedCounts,
    paired_changes,
)
from transfer_prompting.prompts.candidate import Candidate, make_candidate

OWN, RULE, OTHER = "Even or odd?", "Look at the last digit.", "Think of the moon."
PARENT = make_candidate(OWN, "initial")
CHILD = make_candidate(f"{OWN} {RULE}", "extend", (PARENT.id,))
BOTH = make_candidate(f"{OWN} {RULE} {OTHER}", "history", (PARENT.id,))


def answers(**values: float) -> dict[tuple[str, str], float]:
    return {("digest", example): value for example, value in values.items()}


def changes(
    prompts: Mapping[Candidate, dict[tuple[str, str], float]], names: tuple[str, ...] = ("instruction",)
) -> dict[tuple[str, str], PairedChanges]:
    """Return the changes of prompts with these answers."""
    return paired_changes(
        {one.id: one for one in prompts}, {one.id: found for one, found in prompts.items()}, names
    )


def test_only_shared_examples_count() -> None:
    """An example that one prompt of a pair has not answered says nothing."""
    found = changes({PARENT: answers(a=0, b=1, c=0, d=1), CHILD: answers(a=1, b=0, c=0, e=1)})
    assert found == {
        ("", RULE): PairedChanges(
            1, alone=True, examples=3, fixed=(("digest", "a"),), broke=(("digest", "b"),)
        )
    }
    assert changes({PARENT: answers(a=0), CHILD: answers(b=1)}) == {}
    assert changes({CHILD: answers(a=1)}) == {}


def test_a_sentence_that_was_taken_out() -> None:
    """What a prompt gets wrong without a sentence that its parent has, the sentence fixed."""
    shorter = make_candidate(OWN, "simplification", (CHILD.id,))
    found = changes({CHILD: answers(a=1, b=0), shorter: answers(a=0, b=0)})
    assert found[("", RULE)].fixed == (("digest", "a"),)
    assert found[("", RULE)].broke == ()


def test_other_changes_are_told() -> None:
    """Where several sentences changed at once, each counts as not alone, and gives way to a pair that is."""
    together = changes({PARENT: answers(a=0), BOTH: answers(a=1)})
    assert {one.alone for one in together.values()} == {False}
    assert {sentence for _, sentence in together} == {RULE, OTHER}
    found = changes({PARENT: answers(a=0, b=0), BOTH: answers(a=1, b=1), CHILD: answers(a=1, b=0)})
    assert found["", RULE] == PairedChanges(1, alone=True, examples=2, fixed=(("digest", "a"),), broke=())
    assert not found["", OTHER].alone


@pytest.mark.parametrize(
    "text",
    [f"{OWN} {RULE} {'x' * 401}", f"{OWN} {RULE}\n\n# Examples\n\nInput: 1\nOutput: odd"],
    ids=["text without sentences", "further lines"],
)
def test_what_is_no_sentence_is_a_change_too(text: str) -> None:
    """A prompt that gained more than the sentence is not one with the sentence alone."""
    more = make_candidate(text, "history", (PARENT.id,))
    assert not changes({PARENT: answers(a=0), more: answers(a=1)})["", RULE].alone


def test_the_nearest_parent_counts() -> None:
    """A prompt that was made from several is compared with the one that it shares most sentences with."""
    far = make_candidate(OTHER, "initial")
    child = make_candidate(f"{OWN} {RULE}", "crossover", (far.id, PARENT.id))
    found = changes({far: answers(a=0), PARENT: answers(a=1), child: answers(a=1)})
    assert found == {("", RULE): PairedChanges(1, alone=True, examples=1, fixed=(), broke=())}


def test_pairs_are_put_together() -> None:
    """An example counts once over several pairs, by its mean change; graded values may rise in part."""
    second = make_candidate(f"{OTHER} {RULE}", "extend", ("other",))
    other = Candidate(id="other", text=OTHER, operator="initial")
    found = changes(
        {
            PARENT: answers(a=0, b=0.5, c=1),
            CHILD: answers(a=1, b=0.75, c=1),
            other: answers(a=1, b=0.5, c=1),
            second: answers(a=0, b=0.5, c=0.5),
        }
    )
    assert found["", RULE] == PairedChanges(
        2, alone=True, examples=3, fixed=(("digest", "b"),), broke=(("digest", "c"),)
    )


def test_several_texts() -> None:
    """Where a prompt has several texts, a sentence counts in the text that it stands in."""
    one = make_candidate(f"[[find]]\n{OWN}\n[[say]]\n{OWN}", "initial")
    two = make_candidate(f"[[find]]\n{OWN}\n[[say]]\n{OWN} {RULE}", "extend", (one.id,))
    found = changes({one: answers(a=0), two: answers(a=1)}, ("find", "say"))
    assert list(found) == [("say", RULE)]
    assert found["say", RULE].alone


@pytest.mark.parametrize(
    ("fixed", "broke", "p"), [(0, 0, 1.0), (1, 1, 1.0), (5, 0, 0.0625), (8, 1, 0.0390625)]
)
def test_chance(fixed: int, broke: int, p: float) -> None:
    """The p-value is that of a two-sided sign test on the examples that changed."""
    keys = [("digest", str(n)) for n in range(fixed + broke)]
    found = PairedChanges(1, alone=True, examples=20, fixed=tuple(keys[:fixed]), broke=tuple(keys[fixed:]))
    assert found.counts == PairedCounts(1, True, 20, fixed, broke, round(p, 6))
