"""The reference agent learns which texts of a prompt are worth changing."""

from collections import Counter

from operator_making import Stepped, entry, request, system_prompt, system_task
from reference_search import FAILURES, result_of

from transfer_prompting.agents.messages import RaceFinished, StageStarted, TaskLoaded
from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.prompts.candidate import Candidate, make_candidate
from transfer_prompting.prompts.named_texts import differing_texts

ROOT = make_candidate(system_prompt(), "initial")
NAMES = ("retrieve", "answer")


def changed(candidate: Candidate) -> str:
    """Return the text that a candidate has changed."""
    [name] = differing_texts(ROOT.text, candidate.text, NAMES)
    return name


def new_reference() -> Stepped:
    """Return a reference agent on a task with a prompt of two texts, whose model has endless ideas."""

    def write(asked: ModelRequest) -> str:
        return f"<instruction>Try idea {len(reference.asked)} of {asked.sample}.</instruction>"

    reference = Stepped(write, operators=("reflection",))
    reference.hear(
        TaskLoaded(task=system_task(), stage="target", origin="", digest=""),
        StageStarted(stage="target", tasks=("toy",), steps=9, population=(ROOT,)),
    )
    return reference


def propose(reference: Stepped, step: int, count: int) -> tuple[Candidate, ...]:
    """Return the proposals of a step, which are all made from the initial prompt."""
    return reference.propose(request(step, [entry(ROOT.text, 40, FAILURES)], count)).candidates


def race(made: tuple[Candidate, ...], winning: str) -> RaceFinished:
    """Return the race of a step, won by the prompt that has changed the text `winning`."""
    winner = next((one.id for one in made if changed(one) == winning), None)
    results = tuple(result_of(one, 10 if one.id == winner else -10) for one in made)
    return RaceFinished(stage="target", step=1, against=ROOT.id, winner=winner, results=results, saved=0)


def test_texts_that_pay() -> None:
    """A text whose changes win races is changed more often, and the other one still now and then."""
    for winning in NAMES:
        reference = new_reference()
        for step in range(1, 7):
            made = propose(reference, step, 2)
            assert step > 1 or {changed(one) for one in made} == set(NAMES)
            reference.hear(race(made, winning))
        counts = Counter(changed(one) for one in propose(reference, 7, 20))
        assert counts[winning] >= 13
        assert len(counts) == 2


def test_a_control_begins_anew() -> None:
    """A control knows nothing of the texts that have paid before it."""
    reference = new_reference()
    for step in range(1, 7):
        reference.hear(race(propose(reference, step, 2), "answer"))
    reference.hear(StageStarted(stage="control", tasks=("toy",), steps=9, population=(ROOT,)))
    counts = Counter(changed(one) for one in propose(reference, 1, 20))
    assert counts == {"retrieve": 10, "answer": 10}
