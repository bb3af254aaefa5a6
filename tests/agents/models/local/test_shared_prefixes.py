"""The choice of the prefixes that a batch shares."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from transfer_prompting.agents.models.local.shared_prefixes import shared_prefix_lengths

INSTRUCTION = list(range(100))


def test_examples_of_one_instruction_share_it() -> None:
    """Prompts with the same instruction share exactly its tokens."""
    assert (
        shared_prefix_lengths([[*INSTRUCTION, 1, 2], [*INSTRUCTION, 3], [*INSTRUCTION, 4, 5, 6]]) == [100] * 3
    )


def test_two_instructions_are_told_apart() -> None:
    """Prompts of two candidates in one batch share one prefix per candidate, in any order."""
    other = [7, *INSTRUCTION]
    prompts = [[*start, n, n] for n, start in product(range(200, 203), (INSTRUCTION, other))]
    assert shared_prefix_lengths(prompts) == [100, 101] * 3


def test_single_prompt_and_short_beginnings_share_nothing() -> None:
    """One prompt or a few common tokens are not worth a separate pass."""
    assert shared_prefix_lengths([INSTRUCTION]) == [0]
    assert shared_prefix_lengths([[1, 2, 3], [1, 2, 4]]) == [0, 0]
    assert shared_prefix_lengths([]) == []


def test_equal_prompts_keep_their_last_token() -> None:
    """Samples of one prompt share all of it except the last token, whose logits are needed."""
    assert shared_prefix_lengths([INSTRUCTION] * 3) == [99] * 3


@given(st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=60), max_size=12))
def test_sharing_never_costs_and_never_takes_a_whole_prompt(prompts: list[list[int]]) -> None:
    """Prefixes are shorter than their prompts, and with them there is no more to compute than without."""
    shared = shared_prefix_lengths(prompts)
    assert all(0 <= length < len(prompt) for length, prompt in zip(shared, prompts, strict=True))
    prefixes = {tuple(prompt[:length]) for length, prompt in zip(shared, prompts, strict=True)}
    own = sum(len(prompt) - length for length, prompt in zip(shared, prompts, strict=True))
    assert own + sum(map(len, prefixes)) <= sum(map(len, prompts))
