"""The curator leads a run through races, stages, promotion, the control and the last comparison."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import curator_making
import pytest
from curator_making import ANSWER, PROPOSAL, Search, new_ones, of, search_settings, share, task

from transfer_prompting.agents.messages import (
    CandidateRejected,
    CandidateStopped,
    Message,
    PromptPromoted,
    ProposalsRequested,
    RaceFinished,
    RunFinished,
    ScoringRequested,
    StageFinished,
    StageStarted,
)
from transfer_prompting.agents.search.population import seeds
from transfer_prompting.prompts.candidate import candidate_id

NEAR = [task("near"), task("next", dev=30)]
SEEDS = seeds(NEAR)


@pytest.fixture(scope="module")
def whole() -> list[Message]:
    """The messages of the curator in a run with two source tasks and a control."""
    return Search(search_settings(control=True), sources=NEAR).play()


def asked(sent: Sequence[Message], stage: str) -> list[tuple[str, str, str]]:
    """Candidate, task and example of each question in the search of a stage."""
    return [
        (request.candidate.id, request.task, example)
        for request in of(ScoringRequested, sent)
        if (request.stage, request.purpose) == (stage, "search")
        for example in request.examples
    ]


def test_the_course_of_a_run(whole: list[Message]) -> None:
    """Source, target and control are opened and closed in that order, and the verdict comes last."""
    marks = [m.stage for m in whole if isinstance(m, StageStarted | StageFinished)]
    assert marks == ["source", "source", "target", "target", "control", "control"]
    assert isinstance(whole[-1], RunFinished)


def test_stopped_candidates_are_not_asked_again(whole: list[Message]) -> None:
    """A stopped candidate is asked nothing more, unless it is the initial prompt of the last race."""
    stops = of(CandidateStopped, whole)
    assert stops
    for stop in stops:
        later = whole[whole.index(stop) :]
        *_, last = (race for race in of(RaceFinished, whole) if race.stage == stop.stage)
        assert {stop.candidate} - {last.against} <= {stop.candidate} - {
            id_ for id_, _, _ in asked(later, stop.stage)
        }
        assert stop.seen < stop.total


def test_nothing_is_asked_twice(whole: list[Message]) -> None:
    """In a stage no candidate is asked an example twice, not even the one that all others race against."""
    for stage in ("source", "target", "control"):
        assert set(Counter(asked(whole, stage)).values()) == {1}


def test_the_incumbent_is_asked_only_what_is_missing() -> None:
    """The prompt to beat is asked only what it has not answered. After its own full race that is nothing."""
    sent = Search(search_settings(racing=False)).play()
    [first, *later] = of(RaceFinished, sent)
    assert later[0].against == first.winner
    step = [r.candidate.id for r in of(ScoringRequested, sent) if (r.step, r.purpose) == (1, "search")]
    assert len(step) == 3
    assert first.winner not in step


def test_a_round_waits_for_all_scores() -> None:
    """No decision is made before the last score of a round has arrived."""
    search = Search(search_settings(), sources=NEAR)
    [*firsts, last] = of(ScoringRequested, search.open())
    assert {request.task for request in (*firsts, last)} == {"near", "next"}
    for request in firsts:
        answer = search.answer(request)
        assert answer is not None
        assert search.curator.hear(answer) == []
    answer = search.answer(last)
    assert answer is not None
    assert search.curator.hear(answer)


@pytest.mark.parametrize("arrival", range(5))
def test_arrival_does_not_matter(arrival: int, whole: list[Message]) -> None:
    """The curator sends the same messages in the same order, however the scores of a round are shuffled."""
    assert Search(search_settings(control=True), sources=NEAR, arrival=arrival).play() == whole


MANY = search_settings(steps=8, control=True, concurrent_steps=5)


@pytest.mark.parametrize("arrival", range(5))
def test_arrival_does_not_matter_to_concurrent_steps(arrival: int) -> None:
    """With five steps under way the curator also sends the same messages, in any order of arrival."""
    one, other = (Search(MANY, sources=NEAR, arrival=order).play() for order in (None, arrival))
    assert one == other


def test_steps_are_under_way_at_a_time() -> None:
    """Prompts are requested before the last race is over, and never for more steps than allowed."""
    for at_once in (1, 2, 5):
        settings = search_settings(steps=8, patience=8, concurrent_steps=at_once)
        sent = Search(settings, target=task("far", dev=100)).play()
        under_way, most = {0}, 0
        for message in sent:
            if isinstance(message, ProposalsRequested):
                under_way.add(message.step)
            elif isinstance(message, RaceFinished):
                under_way.discard(message.step)
            most = max(most, len(under_way))
        assert most == 1 if at_once == 1 else 1 < most <= at_once


def test_a_race_is_decided_against_the_best_at_its_end() -> None:
    """If another race finds a better prompt in the meantime, that prompt is the one to beat."""
    sent = Search(MANY, sources=NEAR).play()
    changed = 0
    for stage in ("source", "target", "control"):
        races = [race for race in of(RaceFinished, sent) if race.stage == stage]
        # The last race of a target stage is against the best of the task's own prompts.
        races = races if stage == "source" else races[:-1]
        for before, race in pairwise(races):
            # The opening after a failed gate has no prompt to beat.
            after_gate = race.step == 0 and race.against is None
            assert after_gate or race.against == (before.winner or before.against)
        for race in races[1:]:
            asked_first = next(
                m for m in of(ScoringRequested, sent) if (m.stage, m.step) == (stage, race.step)
            )
            decided = [m.winner for m in races if sent.index(m) < sent.index(asked_first) and m.winner]
            changed += bool(decided) and decided[-1] != race.against
    assert changed


def test_the_winner_is_the_best() -> None:
    """A prompt that wins its race is the one that the next race is against, and the stage's best."""
    sent = Search(search_settings(), propose=lambda r: ["Always 0.95"] if r.step == 1 else new_ones(r)).play()
    races = of(RaceFinished, sent)
    better = candidate_id("Always 0.95")
    first = races[0].winner
    assert [(race.against, race.winner) for race in races[:3]] == [
        (None, first),
        (first, better),
        (better, None),
    ]
    [end] = of(StageFinished, sent)
    assert end.best.candidate.id == better
    assert end.reason == "all steps done"


@pytest.mark.parametrize(("held", "kept"), [("Always 0.95", True), ("Always 0.1", False)])
def test_the_best_prompt_faces_the_best_initial_one(held: str, kept: bool) -> None:
    """A stage ends with a race of its best prompt against the best initial one on every example."""
    lucky = candidate_id("Lucky.")
    answered: Counter[str] = Counter()

    def right(text: str, example: str) -> bool:
        """Answer right with the proposal at first, and later as often as `held` names."""
        if text != "Lucky.":
            return share("same 0.6", example)
        answered[text] += 1
        return answered[text] <= 30 or share(held, example)

    sent = Search(search_settings(), right=right, propose=lambda r: ["Lucky."] if r.step == 1 else []).play()
    last = of(RaceFinished, sent)[-1]
    [end] = of(StageFinished, sent)
    assert [result.candidate for result in last.results] == [lucky]
    assert last.results[0].examples == end.best.examples
    assert (end.best.candidate.id == lucky) == kept == (last.winner == lucky)
    assert kept or end.best.candidate.operator == "initial"


def test_no_candidate_wins_without_a_gain() -> None:
    """Prompts that are no better than the best never take its place."""
    search = Search(search_settings(), right=lambda _, example: share("same 0.6", example))
    races = of(RaceFinished, search.play())
    assert all(race.winner is None for race in races[1:])


def test_what_is_spent_and_saved(whole: list[Message]) -> None:
    """The end of a stage gives the number of examples that were asked, and that races have saved."""
    assert any(end.saved for end in of(StageFinished, whole))
    for end in of(StageFinished, whole):
        races = [race for race in of(RaceFinished, whole) if race.stage == end.stage]
        assert end.evaluations == len(asked(whole, end.stage))
        assert end.saved == sum(race.saved for race in races)
        for race in races:
            examples, field = sum(result.examples for result in race.results), len(race.results)
            length, rest = divmod(examples + race.saved, field)
            assert (rest, length <= 90) == (0, True)


def test_without_racing_everything_is_scored() -> None:
    """With racing off no candidate is stopped: each is asked every example."""
    sent = Search(search_settings(racing=False)).play()
    assert not of(CandidateStopped, sent)
    assert set(Counter(id_ for id_, _, _ in asked(sent, "target")).values()) == {60}
    assert [race.saved for race in of(RaceFinished, sent)] == [0, 0, 0]


def test_racing_saves() -> None:
    """Racing asks less than scoring everything, and finds a best prompt as good."""
    ends = {}
    for racing in (True, False):
        search = Search(search_settings(steps=4, racing=racing))
        [ends[racing]] = of(StageFinished, search.play())
    assert ends[True].evaluations < 0.7 * ends[False].evaluations
    assert ends[True].best.candidate.text.endswith("0.8")
    assert ends[False].best.candidate.text.endswith("0.8")


def poor(request: ProposalsRequested) -> list[str]:
    """A proposal that cannot win."""
    return [f"Bad rule {request.stage} {request.step} 0.01"]


def test_a_stuck_search_restarts_once() -> None:
    """After `patience` steps without a better prompt the seed library races; the next time the stage ends."""
    sent = Search(search_settings(steps=50, patience=2), right=_seeds_are_poor, propose=poor).play()
    races = of(RaceFinished, sent)
    restarts = [race for race in races if len(race.results) == len(SEEDS)]
    assert [race.step for race in restarts] == [2]
    assert restarts[0].against == races[0].winner
    [end] = of(StageFinished, sent)
    assert end.steps == 2 + 2
    assert end.reason == "2 steps without a better prompt"


def _seeds_are_poor(text: str, example: str) -> bool:
    return text in ("Answer.", "Say it.") and share(text, example)


def test_no_restart_with_what_is_known() -> None:
    """If the seed library raced at the start, a stuck stage ends without another race of it."""
    search = Search(search_settings(steps=50, patience=2, seed_prompts=True), propose=poor)
    sent = search.play()
    [start] = of(StageStarted, sent)
    assert len(start.population) == 2 + len(SEEDS)
    assert len([race for race in of(RaceFinished, sent) if len(race.results) > 3]) == 1


def test_no_seeds_at_all() -> None:
    """A stuck stage ends without the seed library if neither its start nor a restart may use it."""
    settings = search_settings(steps=50, patience=2, restart_with_seeds=False)
    sent = Search(settings, right=_seeds_are_poor, propose=poor).play()
    known = {seed.id for seed in SEEDS}
    assert not any(request.candidate.id in known for request in of(ScoringRequested, sent))
    [end] = of(StageFinished, sent)
    assert end.reason == "2 steps without a better prompt"


def test_a_defective_seed_is_survived() -> None:
    """If the best initial prompt's answers cannot be read, the seed library races before step 1."""
    own = {"Answer.", "Say it."}
    sent = Search(search_settings(), followed=lambda text, _: text not in own, propose=poor).play()
    first, *races = of(RaceFinished, sent)
    [restart] = [race for race in races if len(race.results) == len(SEEDS)]
    assert restart.against == first.winner
    assert {result.candidate for result in restart.results} == {seed.id for seed in SEEDS}
    assert not of(ProposalsRequested, sent[: sent.index(restart)])
    [end] = of(StageFinished, sent)
    assert end.best.candidate.operator == "seed"


def test_promoted_prompts_begin_the_target(whole: list[Message]) -> None:
    """The target begins with the promoted prompt and its own ones, the control with its own alone."""
    [promoted] = of(PromptPromoted, whole)
    source, target, control = of(StageStarted, whole)
    own = [candidate_id(text) for text in ("Answer.", "Say it.")]
    ids = [candidate.id for candidate in target.population]
    assert ids == list(dict.fromkeys([promoted.as_candidate.id, *own]))
    assert [candidate.id for candidate in control.population] == own
    assert (source.tasks, target.tasks) == (("near", "next"), ("far",))


def test_the_control_spends_as_much(whole: list[Message]) -> None:
    """The control has the tokens of source and target together, and ends when half a step would exceed them.

    Tokens of proposals count like those of answers, and the budget is in the message that opens the stage.
    """
    source, target, control = (end.spent for end in of(StageFinished, whole))
    start = of(StageStarted, whole)[-1]
    budget = source + target
    assert start.budget == budget
    assert f"to spend {budget.tokens:,} tokens ({budget.answers:,} for " in start.gist()
    assert f"{budget.proposals:,} for proposals)" in start.gist()
    for stage, spent in zip(("source", "target", "control"), (source, target, control), strict=True):
        steps = sum(request.stage == stage for request in of(ProposalsRequested, whole))
        assert spent.proposals == sum(PROPOSAL) * steps > 0
        assert spent.answers == sum(ANSWER) * spent.evaluations == sum(ANSWER) * len(asked(whole, stage))
    # A step takes up to 60 evaluations here.
    assert abs(control.tokens - budget.tokens) < 60 * sum(ANSWER) + sum(PROPOSAL)


def test_where_no_tokens_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """With models that count no tokens the control gets as many evaluations."""
    monkeypatch.setattr(curator_making, "ANSWER", (0, 0))
    monkeypatch.setattr(curator_making, "PROPOSAL", (0, 0))
    target, control = of(StageFinished, Search(search_settings(control=True)).play())
    assert (target.spent.tokens, control.spent.tokens) == (0, 0)
    assert control.evaluations >= target.evaluations


def test_the_control_is_compared(whole: list[Message]) -> None:
    """The verdict compares the best of the target stage with that of the control, on test examples."""
    _, target, control = of(StageFinished, whole)
    [verdict] = of(RunFinished, whole)
    assert verdict.best == target.best.candidate
    assert verdict.control == control.best.candidate
    assert [c.measure for c in verdict.against_control] == ["metric"]
    assert "against the control" in verdict.verdict
    final = [r for r in of(ScoringRequested, whole) if r.purpose == "final"]
    assert {r.candidate.id for r in final} == {verdict.best.id, verdict.initial.id, verdict.control.id}
    assert {(r.split, len(r.examples)) for r in final} == {("test", 8)}


def test_a_budget_ends_a_stage() -> None:
    """A stage ends once its budget has no room for half a step more and the last race."""
    plan = {"steps": 50, "candidates": 3, "budget": 300}
    sent = Search(search_settings(target=plan)).play()
    [end] = of(StageFinished, sent)
    races = of(RaceFinished, sent)
    # The last race is no step: the stage is over when it begins.
    before = end.evaluations - len(asked(sent[sent.index(races[-2]) :], "target"))
    kept = end.evaluations - before
    assert end.reason == f"{before} evaluations and {kept} for the last race, with a budget of 300"
    # A step takes up to 90 evaluations here.
    assert abs(end.evaluations - 300) < 90


def test_without_a_control() -> None:
    """A run without a control has no message that mentions one."""
    sent = Search(search_settings()).play()
    assert {start.stage for start in of(StageStarted, sent)} == {"target"}
    [verdict] = of(RunFinished, sent)
    assert (verdict.control, verdict.against_control) == (None, ())
    assert "control" not in verdict.verdict


def test_the_initial_prompt_may_win() -> None:
    """If no prompt beats the initial one, it is scored once on held-out data, and is no improvement."""
    sent = Search(search_settings(), propose=poor, right=_seeds_are_poor).play()
    [verdict] = of(RunFinished, sent)
    assert verdict.best == verdict.initial
    assert (verdict.improved, verdict.p_value) == (False, None)
    assert len([r for r in of(ScoringRequested, sent) if r.purpose == "final"]) == 1


def test_what_the_source_task_began_with_is_no_initial_prompt() -> None:
    """The best prompt is compared with the target's own, even if it is a source task's initial prompt."""
    sources = [task("near", prompts=["Source rule 0.9"])]
    target = task("far", test=60, prompts=["Target rule 0.1"])
    sent = Search(search_settings(), sources=sources, target=target, propose=poor).play()
    [verdict] = of(RunFinished, sent)
    assert (verdict.best.text, verdict.initial.text) == ("Source rule 0.9", "Target rule 0.1")
    assert verdict.improved


def test_rejected_proposals_are_not_raced() -> None:
    """Known and empty proposals are rejected one by one; after three steps of nothing else the stage ends."""
    sent = Search(search_settings(steps=9, patience=9), propose=lambda _: ["Answer.", ""]).play()
    assert [m.reason for m in of(CandidateRejected, sent)] == ["it was tried before", "it is empty"] * 3
    [end] = of(StageFinished, sent)
    assert (end.steps, end.reason) == (3, "3 steps without a new prompt")


def test_the_history_is_shown_in_ascending_order() -> None:
    """The best prompt stands last in the history, with its failures."""
    sent = Search(search_settings(control=True, concurrent_steps=1), sources=NEAR).play()
    for request in of(ProposalsRequested, sent):
        races = [r for r in of(RaceFinished, sent[: sent.index(request)]) if r.stage == request.stage]
        best = next(race.winner for race in reversed(races) if race.winner)
        assert request.history[-1].candidate == best
        assert all(entry.failures for entry in request.history[-3:] if entry.score < 100)


def test_an_excluded_example_decides_nothing() -> None:
    """If a call fails, no answer to its example counts: the candidate that is ahead without it wins."""
    rights = {"Answer.": {"dev-0", "dev-1", "dev-2"}, "Say it.": {"dev-3", "dev-4"}}

    def right(text: str, example: str) -> bool:
        return example in rights[text]

    def fails(text: str, example: str) -> bool:
        return text == "Say it." and example in {"dev-0", "dev-1"}

    def raced(**faults: Any) -> RaceFinished:
        settings = search_settings(steps=0, racing=False)
        sent = Search(settings, right=right, target=task("far", dev=6), **faults).play()
        return of(RaceFinished, sent)[0]

    assert raced().winner == candidate_id("Answer.")
    without = raced(fails=fails)
    assert without.winner == candidate_id("Say it.")
    assert {result.examples for result in without.results} == {4}


def test_an_excluded_example_is_in_no_score() -> None:
    """A candidate that did answer an excluded example is ranked by the other examples alone."""

    def fails(text: str, example: str) -> bool:
        return (text, example) == ("Say it.", "dev-5")

    def right(text: str, _example: str) -> bool:
        return text == "Answer."

    settings = search_settings(steps=0, racing=False)
    sent = Search(settings, right=right, fails=fails, target=task("far", dev=6)).play()
    [stage] = of(StageFinished, sent)
    assert (stage.best.candidate.text, stage.best.examples) == ("Answer.", 5)


@pytest.mark.parametrize("arrival", [None, 1, 2])
def test_a_call_that_fails_in_the_midst_of_a_race(arrival: int | None) -> None:
    """The race goes on without the example of a failed call, which later steps ask no candidate."""
    faults: list[ScoringRequested] = []

    def fails(text: str, example: str) -> bool:
        failed = "0.8" in text and example.startswith("dev-") and example.endswith("3")
        if failed:
            faults.append(search.requests[-1])
        return failed

    search = Search(search_settings(steps=3, concurrent_steps=1), fails=fails, arrival=arrival)
    sent = search.play()
    assert isinstance(sent[-1], RunFinished)
    searched = [request for request in search.requests if request.purpose == "search"]

    def answered(candidate: str, step: int) -> list[set[str]]:
        """The examples that a candidate was asked in a step, block by block."""
        return [set(r.examples) for r in searched if (r.candidate.id, r.step) == (candidate, step)]

    midst = [fault for fault in faults if answered(fault.candidate.id, fault.step)[0] != set(fault.examples)]
    assert midst
    gone: set[str] = set()
    *races, last = of(RaceFinished, sent)
    for race in races:
        if race.step == last.step:  # The last race of a stage asks the same prompts in the same step.
            break
        assert not any(gone & set(request.examples) for request in searched if request.step == race.step)
        gone |= {id_ for r in faults if r.step == race.step for id_ in r.examples if id_.endswith("3")}
        for result in race.results:
            asked_of = set[str]().union(*answered(result.candidate, race.step))
            assert result.examples == len(asked_of - gone)
    assert gone
