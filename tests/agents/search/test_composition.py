"""Composition: the best prompt with the sentences that have helped and without those that have harmed."""

import pytest
from standings_making import standings_of, topical_task

from transfer_prompting.agents.search.composition import Composer
from transfer_prompting.agents.search.sentence_worths import SentenceWorths
from transfer_prompting.agents.search.standings import Standings
from transfer_prompting.prompts.candidate import candidate_id, make_candidate

TASK = topical_task()
GOOD, OTHER, WRONG = (
    "For refund cases, go by the date.",
    "For parcel cases, go by the place.",
    "For refund cases, go by the flag.",
)
SPOIL = "Answer in code."
ALL = range(40)


def right(prompt: str, topic: str, number: int) -> bool:
    """Answer half of the examples rightly, those of a topic with its rule all, and none in code."""
    if SPOIL in prompt and number % 3 == 0:
        return False
    ruled = (topic == "refund" and GOOD in prompt) or (topic == "parcel" and OTHER in prompt)
    misled = topic == "refund" and WRONG in prompt
    return not misled and (ruled or number // 4 % 2 == 0)


def composed(best: str, *others: str) -> str | None:
    """Return the prompt composed from prompts that have answered all examples."""
    standings = standings_of(TASK, [(text, ALL) for text in (best, *others)], right)
    standings.set_best(candidate_id(best))
    made = Composer([TASK], 2000).compose(standings)
    return None if made is None else made.text


def test_a_rule_of_a_losing_prompt_joins() -> None:
    """A rule that helped joins the best prompt, though the prompt that had it lost for another reason."""
    assert composed(f"Answer. {OTHER}", f"Answer. {GOOD} {SPOIL}", "Answer.") == f"Answer. {OTHER} {GOOD}"


def test_what_harms_leaves() -> None:
    """A sentence that harmed leaves the best prompt."""
    assert composed(f"Answer. {SPOIL} {GOOD}", f"Answer. {OTHER}", "Answer.") == f"Answer. {GOOD} {OTHER}"


def test_a_better_rule_takes_the_place_of_another_for_the_same_case() -> None:
    """Of two rules with one condition the composed prompt holds the one that is worth more."""
    assert composed(f"Answer. {WRONG} {OTHER}", f"Answer. {GOOD}", "Answer.") == f"Answer. {OTHER} {GOOD}"
    assert composed(f"Answer. {GOOD} {OTHER}", f"Answer. {WRONG}", "Answer.") is None


def test_nothing_new() -> None:
    """If the answers speak for no change, or for a prompt that is known, there is nothing to try."""
    both = f"Answer. {OTHER} {GOOD}"
    assert composed("Answer.", "Say it.") is None
    assert composed(f"Answer. {OTHER}", f"Answer. {GOOD}", both) is None


def test_a_prompt_is_composed_once() -> None:
    """A prompt that was composed and rejected is not composed again."""
    standings = standings_of(TASK, [(t, ALL) for t in (f"Answer. {OTHER}", f"Answer. {GOOD}")], right)
    standings.set_best(candidate_id(f"Answer. {OTHER}"))
    composer = Composer([TASK], 2000)
    assert composer.compose(standings) is not None
    assert composer.compose(standings) is None


@pytest.mark.parametrize("best", [None, "Answer."])
def test_before_any_answer(best: str | None) -> None:
    """Without a best prompt, or without answers, nothing is composed."""
    standings = Standings([TASK], {"metric": 1.0})
    if best is not None:
        standings.add(make_candidate(best, "initial"))
        standings.set_best(candidate_id(best))
    assert Composer([TASK], 2000).compose(standings) is None


def test_a_rule_is_judged_where_it_applies() -> None:
    """The evidence for a rule about one input in four is that of these inputs alone."""
    seen = standings_of(TASK, [(f"Answer. {GOOD}", ALL), ("Answer.", ALL)], right)
    seen.set_best(candidate_id("Answer."))
    lessons = {one.sentence: one for one in SentenceWorths([TASK]).lessons(seen)}
    assert lessons[GOOD].topic == "refund"
    assert lessons[GOOD].examples == 10
    assert lessons[GOOD].mean > 0.2
    assert lessons[GOOD].z > 1
    assert (lessons["Answer."].topic, lessons["Answer."].kept) == ("", True)
