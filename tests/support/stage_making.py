"""A stage that is led by hand: races that were run to their end, and steps that bring nothing."""

from collections.abc import Iterable
from itertools import count

from curator_making import task
from outcome_making import outcome

from transfer_prompting.agents.messages import PromptScored, Stage
from transfer_prompting.agents.messages.scores import Measure, Score
from transfer_prompting.agents.roles.base import Role
from transfer_prompting.agents.search.race import Race, race_order
from transfer_prompting.agents.search.race_rules import RaceRule
from transfer_prompting.agents.search.settings import SearchSettings, StageSettings
from transfer_prompting.agents.search.stage_state import StageState
from transfer_prompting.prompts.candidate import Candidate, make_candidate

NEAR = task("near", dev=40)
PLAIN, GOOD, POOR = (make_candidate(text, "history") for text in ("Plain.", "Good.", "Poor."))
START = make_candidate("Good.", "initial")
SETTINGS = SearchSettings(thrift=0.0)
RULE = RaceRule(block=10, gamma=0.2)
RIGHT = {PLAIN.id: 0.5, GOOD.id: 1.0, POOR.id: 0.0}
"""TimeShare of examples that each prompt answers right."""
_UNUSED = count()


def stage(
    name: Stage = "source", *, steps: int = 9, patience: int = 2, budget: int | None = None
) -> StageState:
    """A stage whose opening is under way."""
    return StageState(name, [NEAR], StageSettings(steps=steps, patience=patience, budget=budget), SETTINGS)


def race(
    state: StageState, entered: Iterable[Candidate], against: Candidate | None = None, ifr: float | None = 1.0
) -> Race:
    """A race that is over but not finished; `ifr` is the share of readable answers of all prompts."""
    ids = []
    for candidate in entered:
        state.standings.add(candidate)
        ids.append(candidate.id)
    order = race_order([NEAR], Role.random(1))
    made = Race(order, ids, against.id if against else None, RULE)
    state.open_race(made)
    number = {example: n for n, (_, example) in enumerate(order)}
    while not made.over:
        block = made.next_block()
        for id_ in (*made.field, *([against.id] if against else [])):
            known = [e for _, e in block if ("near", e) not in state.standings.answered(id_)]
            state.standings.record(scored(id_, {e: number[e] for e in known}, ifr))
        made.compare(state.standings.utilities)
    return made


def held(
    state: StageState, entered: Iterable[Candidate], against: Candidate | None = None, ifr: float | None = 1.0
) -> Race:
    """A race that is finished."""
    made = race(state, entered, against, ifr)
    state.finish_race(made)
    return made


def empty_step(state: StageState) -> None:
    """A step whose proposals come to nothing."""
    step = state.begin_step()
    state.end_proposals(step)
    state.end_step(step)


def spend(state: StageState, evaluations: int) -> None:
    """Ask a prompt that takes part in no race so many examples."""
    state.take_unasked("spender", [("near", f"extra-{next(_UNUSED)}") for _ in range(evaluations)])


def scored(id_: str, examples: dict[str, int], ifr: float | None = 1.0, tokens: int = 0) -> PromptScored:
    """The score of a prompt on examples (id -> number), of which `RIGHT` says how many are right."""
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
        prompt_tokens=tokens,
        completion_tokens=0,
    )
