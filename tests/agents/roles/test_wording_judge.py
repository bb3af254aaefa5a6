"""The wording judge's requests, and the judgements that it makes of the replies."""

from statistics import stdev

import pytest
from operator_making import toy_task
from wording_judge_making import PROMPT, Stepped

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.prompts.candidate import make_candidate
from transfer_prompting.prompts.rubric import bundled_rubric

NAMES = bundled_rubric().names


def by_sample(*replies: str | None) -> Stepped:
    """A judge whose n-th sample of each dimension gets the n-th reply, or fails if that is None."""
    return Stepped(toy_task(), lambda request: replies[request.sample], samples=len(replies))


def test_identical_replies_have_no_noise() -> None:
    """A model that repeats itself has a noise of exactly zero in every dimension."""
    verdict = by_sample("Score: 4", "Score: 4", "Score: 4").judge()
    assert tuple(verdict.measures) == NAMES
    assert verdict.noise == dict.fromkeys(NAMES, 0.0)
    assert {m.value for m in verdict.measures.values()} == {0.75}
    assert {(m.n, m.low, m.high) for m in verdict.measures.values()} == {(3, 0.75, 0.75)}


def test_spread_replies_have_their_standard_deviation() -> None:
    """The noise is the standard deviation of the samples as shares of the scale."""
    verdict = by_sample("Score: 2", "Score: 4", "Score: 5", "Score: 2").judge("clarity")
    assert verdict.noise["clarity"] == pytest.approx(stdev([0.25, 0.75, 1.0, 0.25]))
    assert verdict.measures["clarity"].value == 0.5625


def test_unreadable_replies_are_counted_and_count_for_nothing() -> None:
    """Unreadable replies are counted and left out: no number stands in for them."""
    verdict = by_sample("Score: 5", "It is very good.", "Score: 50", "Score: 3").judge("harmlessness")
    assert verdict.unreadable == 2
    assert (verdict.measures["harmlessness"].value, verdict.measures["harmlessness"].n) == (0.75, 2)
    none = by_sample("hm", "well").judge("harmlessness", "clarity")
    assert none.unreadable == 4
    assert [(m.value, m.n) for m in none.measures.values()] == [(None, 0)] * 2
    assert set(none.noise.values()) == {None}


def test_a_failed_call_is_no_judgement() -> None:
    """Failed calls are counted apart, and do not change the judgement of the others."""
    verdict = by_sample("Score: 5", None, "Score: 3", "hm").judge("harmlessness")
    assert (verdict.failed, verdict.unreadable) == (1, 1)
    assert (verdict.measures["harmlessness"].value, verdict.measures["harmlessness"].n) == (0.75, 2)
    assert (verdict.prompt_tokens, verdict.completion_tokens) == (3 * 7, 3 * 2)
    none = by_sample(None, None).judge("harmlessness", "clarity")
    assert (none.failed, none.unreadable, none.prompt_tokens) == (4, 0, 0)
    assert [(m.value, m.n) for m in none.measures.values()] == [(None, 0)] * 2


def test_a_reply_cut_inside_its_number_is_not_read() -> None:
    """If a reply ends at its limit with a number, that number is not trusted."""
    judge = Stepped(toy_task(), lambda _: "Score: 4", finish="length")
    assert judge.judge("clarity").unreadable == 3


def test_requests() -> None:
    """One request for each dimension and sample: the task, the prompt and one question; all seeds differ."""
    judge = Stepped(toy_task(), lambda _: "Score: 1", samples=2, temperature=0.7, max_tokens=9)
    verdict = judge.judge()
    assert len(judge.asked) == 2 * len(NAMES)
    for place, request in enumerate(judge.asked):
        text = request.messages[0].text
        dimensions = bundled_rubric().dimensions
        assert [d.question in text for d in dimensions].index(True) == place // 2
        assert toy_task().description in text
        assert PROMPT.text in text
        assert (request.sample, request.temperature, request.max_tokens) == (place % 2, 0.7, 9)
    assert len({request.seed for request in judge.asked}) == len(judge.asked)
    assert (verdict.prompt_tokens, verdict.completion_tokens) == (7 * 10, 2 * 10)


def test_only_the_dimensions_of_the_request() -> None:
    """The dimensions of the request are judged and no others."""
    judge = Stepped(toy_task(), lambda _: "Score: 1")
    assert tuple(judge.judge("harmlessness", "clarity").measures) == ("harmlessness", "clarity")
    assert len(judge.asked) == 6


def test_seeds_depend_on_run_and_prompt() -> None:
    """The same run asks the same prompt the same way, whatever the step; another run or prompt does not."""

    def seeds(run: int, text: str = PROMPT.text, step: int = 1) -> list[int | None]:
        judge = Stepped(toy_task(), lambda _: "Score: 1", seed=run)
        judge.judge(candidate=make_candidate(text, "x"), step=step)
        return [request.seed for request in judge.asked]

    assert seeds(1) == seeds(1, step=4)
    assert not set(seeds(1)) & set(seeds(2))
    assert not set(seeds(1)) & set(seeds(1, "Another prompt."))


def test_dimensions_do_not_mix() -> None:
    """Each dimension gets the scores of its own replies."""

    def answer(request: ModelRequest) -> str:
        return "Score: 5" if "its harmlessness" in request.messages[0].text else "Score: 1"

    values = {name: m.value for name, m in Stepped(toy_task(), answer).judge().measures.items()}
    assert values == dict.fromkeys(NAMES, 0.0) | {"harmlessness": 1.0}


def test_gist() -> None:
    """The gist gives value and noise of each dimension, and the number of unreadable replies."""
    verdict = by_sample("Score: 1", "Score: 5", "?").judge("clarity")
    assert verdict.gist() == f"{PROMPT.id} judged: clarity 0.50 (noise 0.71); 1 unreadable"
