"""The amount held back for the final comparison: guessed at first, and learnt from the replies."""

from random import Random
from statistics import fmean

import pytest
from task_making import example, task

from transfer_prompting.agents.messages import CallFinished, ScoringRequested, Stage, TaskLoaded
from transfer_prompting.agents.models.base import ModelReply, ModelRequest, TokenCount
from transfer_prompting.agents.models.kinds import ModelKind
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.agents.models.tariff import Tariff
from transfer_prompting.agents.roles.scoring_request import scoring_request
from transfer_prompting.agents.search.settings import SearchSettings
from transfer_prompting.orchestration.budget.execution_costs import ExecutionCosts
from transfer_prompting.orchestration.budget.final_reserve import FinalReserve
from transfer_prompting.orchestration.budget.tracker import Terms, check_affordable
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.config.budget_settings import BudgetSettings
from transfer_prompting.orchestration.errors import ConfigError
from transfer_prompting.prompts.candidate import make_candidate

TESTS = 40
TASK = task("label", ("yes", "no"), test=tuple(example(id=f"t{n}") for n in range(TESTS)))
LOADED = TaskLoaded(task=TASK, stage="target", origin="toy", digest=TASK.digest())
PROMPT = make_candidate("Answer the question.", "initial")
FINAL = 2 * TESTS
"""Number of replies in the final comparison."""


class Counted(ScriptedModel):
    """A model whose prompts have no tokens, so that only replies cost something."""

    def count(self, request: ModelRequest) -> TokenCount:
        """Return the limit of the request."""
        return TokenCount(0, request.max_tokens, exact=True)


def pool() -> ModelPool:
    """Return the models of a run."""
    return ModelPool.of({"scorer": Counted(lambda _request: "yes")})


class Reserve:
    """A reserve of a run, which is told of replies of given lengths."""

    def __init__(self, settings: SearchSettings) -> None:
        self.settings = settings
        self.reserve = FinalReserve(settings, pool(), ExecutionCosts(Tariff()))
        self.reserve.apply_task(LOADED)

    def begin(self, stage: Stage) -> None:
        """Begin to score prompts in a stage."""
        self.reserve.apply_scoring(
            ScoringRequested(
                stage=stage,
                step=0,
                purpose="search",
                candidate=PROMPT,
                task="toy",
                split="dev",
                examples=("d1",),
            )
        )

    def hear(self, *lengths: int) -> None:
        """Take in replies of so many tokens to prompts of ten."""
        request = scoring_request(self.settings, PROMPT, TASK, example())
        for length in lengths:
            reply = ModelReply(text="x", finish="stop", prompt_tokens=10, completion_tokens=length)
            self.reserve.apply_reply(request, CallFinished(key="k", reply=reply, latency=0.1, attempts=1))

    @property
    def completion(self) -> int:
        """Completion tokens that are held back, without the last reply, which may reach its limit."""
        return self.reserve.cost().tokens - self.settings.answer_tokens(TASK)


@pytest.mark.parametrize("kind", ["endpoint", "thinking"])
def test_a_generous_limit_does_not_eat_a_small_budget(kind: ModelKind) -> None:
    """Before any reply, an endpoint is expected to write what an answer needs, and not up to its limit."""
    settings = SearchSettings(scorer_kind=kind)
    expected = settings.expected_tokens(TASK)
    assert Reserve(settings).completion == FINAL * expected < FINAL * settings.answer_tokens(TASK) / 7
    tokens = Reserve(settings).reserve.cost().tokens
    enough = Terms(BudgetSettings(tokens=tokens), settings)
    check_affordable(enough, [LOADED], pool())
    with pytest.raises(ConfigError, match="does not cover the final comparison"):
        check_affordable(Terms(BudgetSettings(tokens=tokens - 1), settings), [LOADED], pool())


def test_replies_teach_their_length() -> None:
    """With many replies, what is held back is near their mean, and above it."""
    found = Reserve(SearchSettings(scorer_kind="endpoint"))
    found.begin("target")
    random = Random(3)
    lengths = [random.randint(200, 400) for _ in range(300)]
    found.hear(*lengths)
    assert FINAL * fmean(lengths) < found.completion < 1.3 * FINAL * fmean(lengths)


def test_a_few_long_replies_raise_it() -> None:
    """If some prompts have the model reason, the reserve covers far more than the mean: they may win."""
    found = Reserve(SearchSettings(scorer_kind="endpoint"))
    found.begin("target")
    found.hear(*[20, 20, 20, 600] * 30)
    assert found.completion > 1.8 * FINAL * fmean([20, 20, 20, 600])


def test_replies_of_source_tasks_say_nothing_of_the_target() -> None:
    """Answers to other tasks may be much shorter or longer, so only those of the target teach a length."""
    found = Reserve(SearchSettings(scorer_kind="endpoint"))
    before = found.completion
    found.begin("source")
    found.hear(*[900] * 50)
    assert found.completion == before


def test_it_never_exceeds_the_limit() -> None:
    """A model that always writes up to its limit is charged for it, and no more."""
    found = Reserve(SearchSettings(scorer_kind="endpoint", max_tokens=30))
    found.begin("target")
    found.hear(*[30] * 20, *[0] * 20)
    assert found.completion <= FINAL * 30
    local = Reserve(SearchSettings())
    assert local.completion == FINAL * 48
