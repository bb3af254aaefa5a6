"""Which source prompts go into the target stage."""

from collections.abc import Sequence

from curator_making import task

from transfer_prompting.agents.messages import Standing
from transfer_prompting.agents.search.promotion import Promotion, choose
from transfer_prompting.prompts.candidate import Candidate, make_candidate
from transfer_prompting.prompts.demonstrations import with_demonstrations

SHOWN = task("near").train[:2]
GOOD, SAME, OTHER = (
    make_candidate(text, "history", ("p0",))
    for text in (
        "Think about each word of the question, and then answer it.",
        "Think about every word of the question, and then answer it.",
        "Be brief.",
    )
)


def standing(candidate: Candidate, score: float) -> Standing:
    return Standing(candidate=candidate, score=score, by_task={"near": score}, examples=100)


def promote(count: int, *worth: tuple[Candidate, Sequence[float]]) -> list[Promotion]:
    """Promote among candidates with these utilities, from the best to the worst."""
    standings = [standing(candidate, sum(values) / len(values)) for candidate, values in worth]
    return choose(standings, {candidate.id: values for candidate, values in worth}, count)


def wins(right: int, of: int) -> list[float]:
    """Utilities of which so many are 1, evenly spread."""
    return [float(n * right // of < (n + 1) * right // of) for n in range(of)]


def test_good_with_certainty() -> None:
    """A good score on many examples goes before a better one on few."""
    chosen = promote(2, (OTHER, wins(10, 10)), (GOOD, wins(180, 200)))
    assert [p.standing.candidate for p in chosen] == [GOOD, OTHER]
    assert chosen[1].lower < chosen[0].lower < 0.9


def test_different_prompts_are_preferred() -> None:
    """A prompt that nearly repeats a chosen one stands behind a different one that is a little worse."""
    worth = (GOOD, wins(90, 100)), (SAME, wins(89, 100)), (OTHER, wins(86, 100))
    assert [p.standing.candidate for p in promote(2, *worth)] == [GOOD, OTHER]
    assert [p.standing.candidate for p in promote(3, *worth)] == [GOOD, OTHER, SAME]


def test_but_not_at_any_price() -> None:
    """A different prompt that is much worse does not go before a similar one."""
    worth = (GOOD, wins(90, 100)), (SAME, wins(89, 100)), (OTHER, wins(50, 100))
    assert [p.standing.candidate for p in promote(2, *worth)] == [GOOD, SAME]


def test_none_goes_before_a_credibly_better_prompt() -> None:
    """A prompt that is credibly worse in the main metric than the best is not promoted before it."""
    utilities = {OTHER.id: wins(60, 100), GOOD.id: wins(90, 100)}
    standings = [standing(OTHER, 0.6), standing(GOOD, 0.9)]
    assert choose(standings, utilities, 1)[0].standing.candidate == GOOD
    assert choose(standings, utilities, 1, worse={GOOD.id})[0].standing.candidate == OTHER
    both = choose(standings, utilities, 2, worse={GOOD.id})
    assert [p.standing.candidate for p in both] == [OTHER, GOOD]


def test_demonstrations_stay_behind() -> None:
    """Only the instruction is carried over; the whole prompt is its parent and the evidence."""
    whole = make_candidate(with_demonstrations(GOOD.text, SHOWN), "demonstrations", ("p0",))
    [chosen] = promote(4, (whole, wins(9, 10)))
    assert chosen.standing.candidate == whole
    assert (chosen.candidate.text, chosen.candidate.parents) == (GOOD.text, (whole.id,))
    assert chosen.candidate.id == GOOD.id


def test_one_instruction_once() -> None:
    """Of prompts that differ in their demonstrations alone one is promoted."""
    whole = make_candidate(with_demonstrations(GOOD.text, SHOWN), "demonstrations")
    chosen = promote(4, (whole, wins(95, 100)), (GOOD, wins(90, 100)), (OTHER, wins(50, 100)))
    assert [p.candidate.id for p in chosen] == [GOOD.id, OTHER.id]


def test_nothing_to_carry() -> None:
    """A prompt that is nothing but demonstrations is not promoted."""
    shown = make_candidate(with_demonstrations("", SHOWN).strip(), "demonstrations")
    assert promote(4, (shown, wins(9, 10))) == []


def test_unchanged_prompts_keep_their_origin() -> None:
    """A prompt without demonstrations is carried over as it is."""
    [chosen] = promote(1, (GOOD, wins(9, 10)), (OTHER, wins(1, 10)))
    assert chosen.candidate == GOOD


def test_reason() -> None:
    """The reason gives the score, the lower bound and the likeness that were weighed."""
    first, second = promote(2, (GOOD, wins(90, 100)), (SAME, wins(89, 100)))
    assert first.reason == (
        f"mean score 0.900 on 100 examples, utility at least {first.lower:.3f}, "
        "0 % of its words shared with those promoted before"
    )
    assert "83 % of its words" in second.reason
