"""Contenders of the last race: prompts that lead the best one on the examples that both have answered."""

from standings_making import standings_of, topical_task

from transfer_prompting.agents.search.contenders import contenders
from transfer_prompting.agents.search.last_race import runners, unanswered
from transfer_prompting.agents.search.standings import Standings
from transfer_prompting.prompts.candidate import candidate_id, make_candidate

TASK = topical_task()
BEST, AHEAD, FURTHER, BEHIND, FEW = "Best.", "Ahead.", "Further ahead.", "Behind.", "Few."
ANSWERED = [
    (BEST, range(40)),
    (AHEAD, range(30)),
    (FURTHER, range(30)),
    (BEHIND, range(30)),
    (FEW, range(10)),
]
WRONG = {BEST: 4, AHEAD: 3, FURTHER: 2, BEHIND: 5, FEW: 0}
"""Number of the first examples that each prompt answers wrongly."""


def standings() -> Standings:
    """Return standings in which the best prompt won its place on few examples."""
    found = standings_of(TASK, ANSWERED, lambda prompt, _, number: number >= WRONG[prompt])
    found.set_best(candidate_id(BEST))
    return found


def test_who_is_ahead_races_again() -> None:
    """Prompts that lead on shared examples race again, the greatest lead first, unless few are shared."""
    assert contenders(standings(), 9) == [candidate_id(FURTHER), candidate_id(AHEAD)]
    assert contenders(standings(), 1) == [candidate_id(FURTHER)]


def test_the_last_race_and_its_costs() -> None:
    """Contenders take part in the last race, and what they have yet to answer is kept for them."""
    found = standings()
    assert runners("target", found, ()) == []
    own = make_candidate("Own.", "initial")
    found.add(own)
    racing = [candidate_id(text) for text in (BEST, FURTHER, AHEAD)]
    assert runners("target", found, ()) == racing
    assert unanswered("target", found, [TASK]) == dict(zip((*racing, own.id), (0, 10, 10, 40), strict=True))
