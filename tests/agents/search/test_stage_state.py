"""Where a stage stands: what its races came to, and when it is over."""

from collections.abc import Iterable

import pytest
from curator_making import task
from outcome_making import outcome

from transfer_prompting.agents.messages import PromptScored, Stage
from transfer_prompting.agents.messages.scores import Measure, Score
from transfer_prompting.agents.roles.base import Role
from transfer_prompting.agents.search.race import Race, course
from transfer_prompting.agents.search.race_rules import RaceRule
from transfer_prompting.agents.search.settings import SearchSettings, StageSettings
from transfer_prompting.agents.search.stage_state import StageState
from transfer_prompting.prompts.candidate import Candidate, make_candidate

NEAR = task("near", dev=40)
PLAIN, GOOD, POOR = (make_candidate(text, "history") for text in ("Plain.", "Good.", "Poor."))
START = make_candidate("Good.", "initial")
SETTINGS = SearchSettings(weights={"accuracy": 1.0}, thrift=0.0)
RULE = RaceRule(block=10, gamma=0.2)
RIGHT = {PLAIN.id: 0.5, GOOD.id: 1.0, POOR.id: 0.0}


def state(
    stage: Stage = "source", *, steps: int = 9, patience: int = 2, budget: int | None = None
) -> StageState:
    plan = StageSettings(steps=steps, patience=patience, budget=budget)
    return StageState(stage, [NEAR], plan, SETTINGS)


def race(
    stage: StageState, entered: Iterable[Candidate], against: Candidate | None = None, ifr: float | None = 1.0
) -> Race:
    """A race that was run to its end; `ifr` is the share of readable answers of everybody."""
    ids = []
    for candidate in entered:
        stage.standings.add(candidate)
        ids.append(candidate.id)
    order = course([NEAR], Role.random(1))
    made = Race(order, ids, against.id if against else None, RULE)
    while not made.over:
        block = made.next_block()
        for id_ in (*made.field, *([against.id] if against else [])):
            number = {example: n for n, (_, example) in enumerate(order)}
            known = [e for _, e in block if ("near", e) not in stage.standings.answered(id_)]
            stage.standings.record(_scored(id_, {e: number[e] for e in known}, ifr))
        made.judge(stage.standings.utilities)
    return made


def _scored(id_: str, examples: dict[str, int], ifr: float | None) -> PromptScored:
    answers = [
        outcome(n, n % 2 < 2 * RIGHT[id_] - (RIGHT[id_] == 0.5) * (n % 2)).model_copy(update={"example": e})
        for e, n in examples.items()
    ]
    measures = {"accuracy": Measure(value=RIGHT[id_], n=40), "ifr": Measure(value=ifr, n=40)}
    return PromptScored(
        stage="source",
        step=0,
        purpose="search",
        candidate=id_,
        task="near",
        split="dev",
        score=Score(composite=RIGHT[id_], measures=measures),
        outcomes=tuple(answers),
        prompt_tokens=0,
        completion_tokens=0,
    )


def finish(stage: StageState, made: Race) -> None:
    """The race is entered, and the step ends."""
    stage.finish(made)
    stage.end_step()


def test_results() -> None:
    """A result says who was stopped and who was better, with the mean gain over the examples seen."""
    stage = state()
    first = race(stage, [PLAIN])
    stage.finish(first)
    made = race(stage, [GOOD, POOR], against=PLAIN)
    good, poor = stage.finish(made)
    assert (good.candidate, good.operator, good.examples) == (GOOD.id, "history", len(made.seen))
    assert good.gain == pytest.approx(0.5, abs=0.1)
    assert (poor.outcome, poor.examples) == ("stopped", made.stopped[POOR.id])
    assert poor.gain == pytest.approx(-0.5, abs=0.1)
    assert stage.claims == 1
    assert stage.standings.best == GOOD.id
    assert stage.saved == first.saved + made.saved


def test_better_needs_evidence() -> None:
    """A prompt is called better where the evidence holds at the level that its claim has left."""
    outcomes = {}
    for claims in (0, 10_000):
        stage = state()
        stage.claims = claims
        stage.finish(race(stage, [PLAIN]))
        [result] = stage.finish(race(stage, [GOOD], against=PLAIN))
        outcomes[claims] = result.outcome
        assert stage.claims == claims + 1
    assert outcomes == {0: "better", 10_000: "scored"}


def test_a_first_race_makes_no_claim() -> None:
    """Without a prompt to beat nobody is called better, and the winner gains nothing over itself."""
    stage = state()
    results = stage.finish(race(stage, [GOOD, POOR]))
    assert [(r.outcome, r.gain) for r in results] == [("scored", 0.0), ("stopped", -1.0)]
    assert stage.claims == 0


def test_races_grow() -> None:
    """Six candidates of races that nobody wins make the next races twice as long."""
    stage = state()
    first = stage.course(1)
    finish(stage, race(stage, [GOOD, POOR, PLAIN]))
    for _ in range(5):
        finish(stage, race(stage, [POOR], against=GOOD))
    assert stage.course(1) == first
    finish(stage, race(stage, [POOR], against=GOOD))
    assert stage.course(1) == 2 * first
    stage.end_step()
    assert stage.course(1) == 2 * first
    assert stage.course(100) > stage.course(1)


def test_steps_without_a_better_prompt() -> None:
    """After `patience` steps without any gain the stage wants to restart, and after that to end."""
    stage = state()
    finish(stage, race(stage, [START]))
    assert not stage.wants_restart
    finish(stage, race(stage, [POOR], against=START))
    assert not stage.wants_restart
    assert stage.reason_to_close is None
    stage.end_step()
    assert stage.wants_restart
    stage.restart()
    finish(stage, race(stage, [PLAIN], against=START))
    assert not stage.wants_restart
    assert stage.reason_to_close is None
    for _ in range(2):
        stage.end_step()
    assert not stage.wants_restart
    assert stage.reason_to_close == "2 steps without a better prompt"


def test_no_restart_on_the_way() -> None:
    """A stage that is stuck with a prompt of its own making ends without a restart."""
    stage = state()
    finish(stage, race(stage, [GOOD]))
    for _ in range(2):
        assert not stage.wants_restart
        stage.end_step()
    assert not stage.wants_restart
    assert stage.reason_to_close == "2 steps without a better prompt"


@pytest.mark.parametrize(("stage", "faced"), [("target", True), ("control", True), ("source", False)])
def test_rival(stage: Stage, faced: bool) -> None:
    """The best prompt has to face the best initial one, but for a source stage's."""
    found, initial = state(stage), make_candidate(PLAIN.text, "initial")
    finish(found, race(found, [initial]))
    finish(found, race(found, [GOOD], against=initial))
    assert found.rival == (initial.id if faced else None)


def test_the_last_race_is_kept_for() -> None:
    """A budget is used up once no more is left than the last race will take."""
    stage, initial = state("target", budget=100), make_candidate(PLAIN.text, "initial")
    finish(stage, race(stage, [initial]))
    last = race(stage, [GOOD], against=initial)
    finish(stage, last)
    owed = 2 * (last.total - len(last.seen))
    assert owed > 0
    stage.evaluations = 100 - owed - 1
    assert stage.reason_to_close is None
    stage.evaluations += 1
    kept = f"{100 - owed} evaluations and {owed} for the last race, with a budget of 100"
    assert stage.reason_to_close == kept


def test_a_win_begins_the_count_anew() -> None:
    """A new best prompt sets the count of steps without one back."""
    stage = state()
    finish(stage, race(stage, [PLAIN]))
    stage.end_step()
    finish(stage, race(stage, [GOOD], against=PLAIN))
    stage.end_step()
    assert stage.reason_to_close is None
    assert not stage.wants_restart


def test_steps_without_a_new_prompt() -> None:
    """Three steps without a race end the stage."""
    stage = state(patience=9)
    finish(stage, race(stage, [PLAIN]))
    for _ in range(3):
        assert stage.reason_to_close is None
        stage.end_step()
    assert stage.reason_to_close == "3 steps without a new prompt"


def test_all_steps() -> None:
    """The last planned step ends the stage."""
    stage = state(steps=1)
    finish(stage, race(stage, [PLAIN]))
    assert stage.reason_to_close is None
    stage.step = 1
    assert stage.reason_to_close == "all steps done"


def test_token_budget() -> None:
    """Once its answers have cost its budget of tokens the stage ends, and not before."""
    stage = StageState("source", [NEAR], StageSettings(tokens=100), SETTINGS)
    stage.standings.add(GOOD)
    for tokens, reason in ((99, None), (1, "100 tokens, with a budget of 100")):
        answers = _scored(GOOD.id, {"dev-1": 1}, 1.0)
        update = {"prompt_tokens": tokens, "completion_tokens": 0}
        stage.standings.record(answers.model_copy(update=update))
        assert stage.reason_to_close == reason


def test_budget() -> None:
    """Once its budget of evaluations is spent the stage ends, and not before."""
    stage = state(budget=100)
    finish(stage, race(stage, [PLAIN]))
    stage.evaluations = 99
    assert stage.reason_to_close is None
    stage.evaluations = 100
    assert stage.reason_to_close is not None
    assert stage.reason_to_close.startswith("100 evaluations")


@pytest.mark.parametrize(("ifr", "defective"), [(0.0, True), (0.49, True), (0.5, False), (None, False)])
def test_defective(ifr: float | None, defective: bool) -> None:
    """A best prompt with less than half of its answers readable asks for a restart, and only once."""
    stage = state()
    assert not stage.wants_restart
    finish(stage, race(stage, [PLAIN], ifr=ifr))
    assert stage.wants_restart == defective
    stage.restart()
    assert not stage.wants_restart
