"""The gate: what a transferred prompt has to show before the target stage begins from it."""

from collections.abc import Sequence
from random import Random

import pytest
from curator_making import Search, of, search_settings, task

from transfer_prompting.agents.experience.lessons import Lesson
from transfer_prompting.agents.messages import (
    CandidateStopped,
    Message,
    ProposalsRequested,
    RaceFinished,
    ScoringRequested,
    StageFinished,
)
from transfer_prompting.agents.search.score_history import ExampleKey
from transfer_prompting.agents.search.transfer_gate import LONGEST, TransferGate, Transferred, promised
from transfer_prompting.prompts.candidate import candidate_id, make_candidate

CARRIED = make_candidate("Carried.", "experience")
OWN = "own"


def gate(total: int = 60, held_to: float = 0.25) -> TransferGate:
    """Return a gate over `total` examples for a prompt that promises so much."""
    keys = [("far", f"dev-{n}") for n in range(total)]
    return TransferGate(keys, Transferred(CARRIED, held_to), OWN)


def run(race: TransferGate, mine: float, own: float, seed: int) -> bool:
    """Run a gate with prompts that answer rightly with these probabilities; return whether it opened."""
    random = Random(seed)
    right = {key: {CARRIED.id: random.random() < mine, OWN: random.random() < own} for key in race._order}

    def utilities(id_: str, keys: Sequence[ExampleKey]) -> list[float]:
        return [float(right[key][id_]) for key in keys]

    while not race.over:
        race.next_block()
        race.compare(utilities)
    return race.winner == CARRIED.id


@pytest.mark.parametrize(("mine", "least", "most"), [(0.45, 0.0, 0.25), (0.3, 0.0, 0.03), (0.9, 0.9, 1.0)])
def test_the_gate_tells_what_holds_from_what_does_not(mine: float, least: float, most: float) -> None:
    """Against an own prompt at 0.45, an equal one passes by luck, a worse one hardly ever."""
    passed = [run(gate(), mine, 0.45, seed) for seed in range(200)]
    assert least <= sum(passed) / 200 <= most


def test_a_bad_prompt_costs_few_examples() -> None:
    """A prompt that loses by fifteen points is dropped after some ten examples, and at most after twenty."""
    asked = []
    for seed in range(100):
        race = gate()
        run(race, 0.3, 0.45, seed)
        asked.append(len(race.seen))
    assert sum(asked) / 100 < 12
    assert max(asked) <= LONGEST


def test_no_prompt_passes_on_three_lucky_examples() -> None:
    """A prompt passes after ten examples at the earliest, or when there are no more."""
    race = gate()
    assert run(race, 1.0, 0.0, 1)
    assert len(race.seen) >= 10
    assert run(gate(4), 1.0, 0.0, 1)


def test_a_prompt_is_not_passed_by_a_budget_that_ends() -> None:
    """A gate that is broken off lets nothing through."""
    race = gate()
    race.next_block()
    race.break_off(CARRIED.id)
    assert race.over
    assert race.winner is None


def test_what_is_promised() -> None:
    """A prompt is held to half of what its rules have gained, within bounds; a whole one to ten points."""

    def rules(*means: float) -> list[Lesson]:
        return [
            Lesson(sentence=f"{n}", mean=mean, sd=0.1, answers=9, examples=9) for n, mean in enumerate(means)
        ]

    assert promised(rules(0.1, 0.2)) == pytest.approx(0.15)
    assert promised(rules(0.9, 0.9)) == 0.25
    assert promised(rules(-0.1)) == 0.02
    assert promised([]) == 0.1


def propose(request: ProposalsRequested) -> list[str]:
    """Propose a rule at first, and later new wordings."""
    return [f"Answer. Rule {request.stage} {request.step} {n}." for n in range(3)]


def course(sent: Sequence[Message], without: str = "") -> list[Message]:
    """Return the questions and races of the target stage, without those about one prompt."""
    kept = [m for m in sent if isinstance(m, ScoringRequested | RaceFinished) and m.stage == "target"]
    about = [m.candidate.id if isinstance(m, ScoringRequested) else m.results[0].candidate for m in kept]
    return [m for m, one in zip(kept, about, strict=True) if one != without]


def test_a_dropped_prompt_changes_nothing_else() -> None:
    """After a prompt is dropped, the target stage asks and decides exactly what it would without sources.

    Only the own prompt that it faced may have answered more examples.
    """
    wrong = "Answer. Wrong."

    def right(text: str, example: str) -> bool:
        return Random(f"{text}/{example}").random() < (0.05 if "Wrong" in text else 0.5)

    def offered(request: ProposalsRequested) -> list[str]:
        return [wrong] if request.stage == "source" else propose(request)

    # In the source every answer with the sentence is right, so it is promoted.
    near, far = task("near"), task("far", dev=61)
    settings = search_settings(steps=1)
    run_with = Search(
        settings,
        sources=[near],
        target=far,
        right=lambda text, example: (
            right(text, example) if run_with.requests[-1].stage == "target" else "Wrong" in text
        ),
        propose=offered,
    )
    sent = run_with.play()
    alone = Search(settings, target=far, right=right, propose=offered).play()
    [dropped] = {m.candidate for m in of(CandidateStopped, sent) if m.candidate == candidate_id(wrong)}
    asked = {
        (m.candidate.id, one)
        for m in course(sent, dropped)
        if isinstance(m, ScoringRequested)
        for one in m.examples
    }
    asked_alone = {
        (m.candidate.id, one) for m in course(alone) if isinstance(m, ScoringRequested) for one in m.examples
    }
    gate = next(m for m in of(RaceFinished, sent) if m.stage == "target")
    assert asked >= asked_alone
    assert {id_ for id_, _ in asked - asked_alone} <= {gate.against}
    races, races_alone = (
        [(m.winner, [r.candidate for r in m.results]) for m in c if isinstance(m, RaceFinished)]
        for c in (course(sent, dropped), course(alone))
    )
    assert races == races_alone


def test_training_examples_decide_where_there_are_few_others() -> None:
    """The gate goes on to training examples, which only its two prompts answer, and which no score counts."""
    near, far = task("near"), task("far", dev=6)
    played = Search(
        search_settings(steps=1),
        sources=[near],
        target=far,
        right=lambda text, example: "Good" in text or int(example.split("-")[1]) % 2 == 0,
        propose=lambda request: ["Answer. Good."] if request.stage == "source" else propose(request),
    )
    sent = played.play()
    carried = candidate_id("Answer. Good.")
    asked = [m for m in of(ScoringRequested, sent) if m.stage == "target" and m.split == "train"]
    own = candidate_id("Answer.")
    assert {m.candidate.id for m in asked} == {carried, own}
    assert sorted(one for m in asked for one in m.examples) == sorted(2 * [one.id for one in far.train])
    [gated, *_] = [m for m in of(RaceFinished, sent) if m.stage == "target"]
    assert gated.results[0].examples == len(far.dev) + len(far.train)
    [ended] = [m for m in of(StageFinished, sent) if m.stage == "target"]
    assert ended.best.examples == len(far.dev)


def test_training_examples_are_not_asked_where_there_are_enough_others() -> None:
    """With twenty development examples the gate asks no other."""
    played = Search(search_settings(steps=1), sources=[task("near")], target=task("far", dev=20))
    splits = {m.split for m in of(ScoringRequested, played.play()) if m.purpose == "search"}
    assert splits == {"dev"}
