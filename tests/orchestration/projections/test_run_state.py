"""The fold from events to the view of a run."""

from datetime import UTC, datetime

import orjson
import pytest
from console_script import (
    CAREFUL,
    CURATOR,
    MODEL,
    PLAIN,
    REFERENCE,
    SCORER,
    SECOND,
    SHORT,
    START,
    Script,
    close_stage,
    end_race,
    open_stage,
    opening,
    want,
    whole_run,
)

from transfer_prompting.agents.call_events import CALL_KINDS
from transfer_prompting.agents.messages import (
    CallFailed,
    CandidateRejected,
    HandlerFailed,
    RunFailed,
    RunResumed,
    Stage,
    Standing,
)
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.orchestration.projections.run_state import RunState
from transfer_prompting.prompts.candidate import Candidate, make_candidate
from transfer_prompting.storage.errors import LogUnreadable
from transfer_prompting.storage.event import Event


def seen(script: Script) -> RunState:
    view = RunState()
    for event in script.events:
        view.apply(event, message_for(event))
    return view


def best_score(view: RunState) -> float | None:
    return view.best.score if view.best else None


def failed_call(script: Script, call: Event) -> Event:
    message = CallFailed(key="k", cause="timeout", error="no answer", attempts=4)
    return script.say(MODEL, message, SCORER, cause=call)


def test_before_the_first_event() -> None:
    """A view that was fed nothing answers every question without an error."""
    view = RunState()
    assert (view.status, view.stage, view.steps, view.last) == ("unfinished", None, 0, None)
    assert (view.best, view.winner, view.verdict) == (None,) * 3


def test_only_calls_are_left_undecoded() -> None:
    """`message_for` decodes everything but the kinds that make up nearly all of a log."""
    for event in whole_run().events:
        message = message_for(event)
        assert (message is None) == (event.kind in CALL_KINDS)
        assert message is None or message.kind == event.kind


def test_unknown_kind_is_refused() -> None:
    """A kind of a later version is named together with its seq."""
    event = Event(7, "r", 1, "e", "song.sung", 1, CURATOR, (), None, START, b"{}", b"")
    with pytest.raises(LogUnreadable, match=r"seq 7.*song\.sung"):
        message_for(event)


def test_names_and_times() -> None:
    """The view knows the run's name, its tasks by stage and when it began and was last heard."""
    script = Script()
    opening(script, sources=("near", "next"))
    view = seen(script)
    assert (view.run, view.name) == ("demo-1", "demo")
    assert view.tasks == {"source": ["near", "next"], "target": ["far"]}
    assert view.started == datetime.fromtimestamp(START / SECOND, tz=UTC)
    assert view.last is not None
    assert (view.last - view.started).total_seconds() == view.elapsed == 3


def test_finished_run() -> None:
    """After the verdict the view holds the outcome, the prompt to use and its held-out score."""
    view = seen(whole_run())
    assert view.status == "finished"
    assert view.verdict is not None
    assert view.verdict.startswith("improvement found")
    assert view.winner == CAREFUL
    assert view.best is not None
    assert view.best.final is not None
    assert (view.best.final.composite, view.best.final_examples) == (0.8, 4)


def test_held_out_score_does_not_rank() -> None:
    """A score on held-out data stands beside the score of the search and never changes it."""
    script = Script()
    opening(script)
    open_stage(script, "target", ("far",), PLAIN)
    script.score(script.request(PLAIN, "far", stage="target"), 0.4)
    script.score(script.request(PLAIN, "far", stage="target", final=True), 0.9)
    assert best_score(seen(script)) == 0.4


def test_promotion_marks_the_prompt_in_both_stages() -> None:
    """A promoted prompt is marked where it comes from and where it goes to, and nowhere else."""
    script = whole_run()
    open_stage(script, "control", ("far",), PLAIN, CAREFUL)
    marked = {
        stage: [row.candidate for row in board.rows.values() if row.promoted]
        for stage, board in seen(script).leaderboards.items()
    }
    assert marked == {"source": [CAREFUL], "target": [CAREFUL], "control": []}


def test_mean_over_tasks() -> None:
    """With two tasks a prompt is ranked by its mean over those that it has answered."""
    script = Script()
    opening(script, sources=("near", "next"))
    open_stage(script, "source", ("near", "next"), PLAIN, CAREFUL)
    script.score(script.request(PLAIN, "near"), 0.6)
    script.score(script.request(CAREFUL, "near"), 1.0)
    view = seen(script)
    assert view.best is not None
    assert (view.best.candidate, view.best.score) == (CAREFUL, 1.0)
    script.score(script.request(PLAIN, "next", n=6), 0.2)
    row = seen(script).leaderboards["source"].rows[PLAIN.id]
    assert row.score == pytest.approx(0.4)
    assert row.by_task == {"near": 0.6, "next": 0.2}
    assert row.n == 10


def test_measures_are_averaged_where_defined() -> None:
    """A measure that is undefined on one task is that of the other; on both, it is None."""
    script = Script()
    open_stage(script, "source", ("near", "next"), PLAIN)
    script.score(script.request(PLAIN, "near"), 0.6, {"accuracy": 0.5, "auroc": None, "pr_n": None})
    script.score(script.request(PLAIN, "next"), 0.6, {"accuracy": 0.7, "auroc": 0.9, "pr_n": None})
    row = seen(script).leaderboards["source"].rows[PLAIN.id]
    assert row.measure("accuracy") == pytest.approx(0.6)
    assert row.measure("auroc") == 0.9
    assert row.measure("pr_n") is None


def test_of_equal_prompts_the_earlier_is_better() -> None:
    """Ties are broken by arrival, as the curator breaks them."""
    script = Script()
    open_stage(script, "source", ("near",), PLAIN, SHORT)
    second, first = script.request(SHORT), script.request(PLAIN)
    script.score(second, 0.5)
    script.score(first, 0.5)
    assert [row.candidate for row in seen(script).leaderboards["source"].ranked()] == [PLAIN, SHORT]


def test_the_winner_of_the_last_race_is_the_best() -> None:
    """Who won the last race that had a winner is the best, whatever prompts with fewer examples score."""
    script = Script()
    open_stage(script, "source", ("near",), PLAIN)
    script.score(script.request(PLAIN), 0.5)
    script.score(script.request(SHORT, step=1), 0.9)
    assert best_score(seen(script)) == 0.9
    end_race(script, "source", 1, (SHORT, 4), winner=PLAIN)
    end_race(script, "source", 2, (SHORT, 4), against=PLAIN)
    view = seen(script)
    assert view.best is not None
    assert (view.best.candidate, view.best.score) == (PLAIN, 0.5)


def test_few_examples_prove_little() -> None:
    """The other scores are drawn towards their mean, the more so the fewer examples they rest on."""
    script = Script()
    open_stage(script, "source", ("near",), PLAIN, SHORT, CAREFUL)
    script.score(script.request(PLAIN, n=4), 0.0)
    script.score(script.request(SHORT, n=2), 1.0)
    script.score(script.request(CAREFUL, n=200), 0.9)
    ranked = seen(script).leaderboards["source"].ranked()
    assert [row.candidate for row in ranked] == [CAREFUL, SHORT, PLAIN]


def test_the_curator_has_the_last_word() -> None:
    """A finished stage has the best prompt that the curator names, also where its races are not known."""
    script = Script()
    open_stage(script, "source", ("near",), PLAIN, SHORT)
    script.score(script.request(PLAIN), 0.5)
    script.score(script.request(SHORT), 0.9)
    best = Standing(candidate=PLAIN, score=0.5, by_task={"near": 0.5}, examples=4)
    close_stage(script, "source", best, steps=0, scored=2, evaluations=8, saved=3)
    view = seen(script)
    assert view.winner == PLAIN
    assert view.board is not None
    assert (view.board.evaluations, view.board.saved) == (8, 3)


def test_blocks_add_up() -> None:
    """The score of a later block takes the place of the earlier one, and rests on the examples of both."""
    script = Script()
    open_stage(script, "source", ("near",), PLAIN)
    script.score(script.request(PLAIN, n=3), 0.5)
    script.score(script.request(PLAIN, n=2, start=3), 0.8, before=3)
    view = seen(script)
    assert view.best is not None
    assert (view.best.score, view.best.n) == (0.8, 5)
    assert view.board is not None
    assert view.board.evaluations == 5
    assert (view.races.finished, view.races.expected) == (5, 5)


def test_the_blocks_of_a_race_are_one_step() -> None:
    """Each block adds its examples to those of the race; when that is over, nothing is asked for."""
    script = Script()
    open_stage(script, "source", ("near",), PLAIN, SHORT)
    for candidate in (PLAIN, SHORT):
        script.score(script.request(candidate, n=3), 0.5)
    asked = script.request(PLAIN, n=2, start=3)
    script.reply(script.ask(asked))
    view = seen(script)
    assert (view.races.finished, view.races.expected) == (7, 8)
    end_race(script, "source", 0, (PLAIN, 5), (SHORT, 3), winner=PLAIN)
    view = seen(script)
    assert (view.races.finished, view.races.expected) == (0, 0)


def test_control() -> None:
    """The control has a board of its own, its best is never the prompt to use, and finalists are on both."""
    script = Script()
    stages: tuple[tuple[Stage, Candidate], ...] = (("target", CAREFUL), ("control", SHORT))
    for stage, candidate in stages:
        open_stage(script, stage, ("far",), PLAIN, candidate)
        script.score(script.request(PLAIN, "far", stage=stage), 0.3)
        script.score(script.request(candidate, "far", stage=stage), 0.9)
        end_race(script, stage, 0, (PLAIN, 4), (candidate, 4), winner=candidate)
    assert seen(script).winner == CAREFUL
    for candidate in (PLAIN, CAREFUL, SHORT):
        script.score(script.request(candidate, "far", stage="control", final=True), 0.5)
    view = seen(script)
    for stage, _ in stages:
        assert all(row.final for row in view.leaderboards[stage].rows.values())


def test_best_initial_is_not_a_proposal() -> None:
    """The best initial prompt is looked for among those that nobody proposed."""
    board = seen(whole_run()).leaderboards["source"]
    best, initial = board.best(), board.best_initial()
    assert best is not None
    assert initial is not None
    assert (best.candidate, initial.candidate) == (CAREFUL, PLAIN)


def test_best_initial_is_the_task_s_own() -> None:
    """A prompt with which a source task began is no initial prompt of the target that it was promoted to."""
    script = Script()
    opening(script)
    other = make_candidate("Answer as a lawyer.", "initial")
    open_stage(script, "target", ("far",), PLAIN, other)
    script.score(script.request(other, "far", stage="target"), 0.9)
    script.score(script.request(PLAIN, "far", stage="target"), 0.1)
    board = seen(script).leaderboards["target"]
    best, initial = board.best(), board.best_initial()
    assert best is not None
    assert initial is not None
    assert (best.candidate, initial.candidate) == (other, PLAIN)


def test_calls_and_tokens() -> None:
    """Calls are counted by what became of them, and a reused reply costs no tokens."""
    script = Script()
    asked = script.request(PLAIN)
    first, second, _third = (script.ask(asked) for _ in range(3))
    script.reply(first, tokens=(10, 2))
    script.reply(second, tokens=(10, 2), reused="e1")
    view = seen(script)
    calls = view.calls
    assert (calls.requested, calls.finished, calls.reused, calls.in_flight) == (3, 2, 1, 1)
    assert (view.spending.prompt_tokens, view.spending.completion_tokens) == (10, 2)


def test_failed_call_is_in_flight_again_after_resuming() -> None:
    """A failure stops every call; a resumed run asks again for all that have no reply."""
    script = Script()
    asked = script.request(PLAIN)
    first, second = script.ask(asked), script.ask(asked)
    failed_call(script, first)
    view = seen(script)
    assert (view.calls.failed, view.calls.in_flight) == (1, 1)
    script.say("runtime", RunFailed(cause="timeout", error="no answer", count=1))
    view = seen(script)
    assert (view.status, view.error, view.calls.in_flight) == ("failed", "no answer", 0)
    script.say("user", RunResumed(reissued=(first.id, second.id), versions={}), after=3600 * SECOND)
    view = seen(script)
    assert (view.status, view.error, view.calls.in_flight) == ("unfinished", None, 2)
    assert view.elapsed < 60
    script.reply(first)
    script.reply(second)
    assert seen(script).calls.in_flight == 0


def test_handler_failure_is_a_failed_run() -> None:
    """A run whose agent raised counts as failed, even if nothing follows in the log."""
    script = Script()
    script.say("runtime", HandlerFailed(agent=REFERENCE, event="e1", error="it raised", traceback=""))
    view = seen(script)
    assert (view.status, view.error) == ("failed", "it raised")


def test_rejected_candidates_are_counted_and_not_listed() -> None:
    """A rejected proposal is a number, not a row of the table."""
    script = Script()
    open_stage(script, "source", ("near",), PLAIN)
    script.say(CURATOR, CandidateRejected(stage="source", step=1, candidate=SHORT, reason="known"))
    view = seen(script)
    assert view.rejected == 1
    assert list(view.leaderboards["source"].rows) == [PLAIN.id]


def test_progress_counts_the_examples_of_the_step() -> None:
    """Each reply to a call of a scoring request is one example done; other calls are none."""
    script = Script()
    asked, other = script.request(PLAIN, n=3), script.request(SHORT, n=2)
    script.reply(script.ask(asked))
    script.reply(script.ask(other))
    proposing = want(script, "target", 9)
    view = RunState()
    for event in script.events[:-1]:
        view.apply(event, message_for(event))
    assert (view.races.finished, view.races.expected) == (2, 5)
    view.apply(proposing, message_for(proposing))
    stray = script.ask(proposing)
    for event in (stray, script.reply(stray)):
        view.apply(event, None)
    assert (view.races.finished, view.races.expected) == (2, 5)


def test_progress_begins_anew_with_each_step() -> None:
    """The examples of one race are not mixed with those of the next, nor with the final comparison's."""
    script = Script()
    script.score(script.request(PLAIN, step=0, n=3), 0.5)
    end_race(script, "source", 0, (PLAIN, 3), winner=PLAIN)
    script.request(SHORT, step=1, n=2)
    view = seen(script)
    assert (view.step, view.races.finished, view.races.expected) == (1, 0, 2)
    best = Standing(candidate=PLAIN, score=0.5, by_task={"near": 0.5}, examples=3)
    close_stage(script, "source", best, steps=1, scored=1, evaluations=3, saved=0)
    script.request(SHORT, step=1, n=7, final=True)
    assert seen(script).races.expected == 7


def test_view_without_call_events() -> None:
    """Without the calls only their numbers and tokens are missing from the view."""
    whole, script = seen(whole_run()), whole_run()
    script.events = [event for event in script.events if event.kind not in CALL_KINDS]
    view = seen(script)
    assert view.leaderboards["target"].as_json() == whole.leaderboards["target"].as_json()
    assert view.races.finished == whole.races.finished == 8
    assert (view.status, view.calls.finished, whole.calls.finished) == ("finished", 0, 26)


def test_steps_and_stage() -> None:
    """The view follows the stage, the step and the number of steps planned."""
    script = Script()
    open_stage(script, "source", ("near",), PLAIN, steps=4)
    want(script, "source", 3)
    view = seen(script)
    assert (view.stage, view.step, view.steps) == ("source", 3, 4)


def test_score_of_an_unknown_prompt_is_passed_over() -> None:
    """A log that is watched from its middle may tell of prompts that were never introduced."""
    script = Script()
    asked = script.request(PLAIN)
    script.score(asked, 0.5)
    script.events = script.events[1:]
    assert seen(script).best is None


def test_winner_before_the_verdict() -> None:
    """Until the target stage has scores, the best prompt is that of the source stage."""
    script = Script()
    open_stage(script, "source", ("near",), PLAIN)
    script.score(script.request(PLAIN), 0.5)
    open_stage(script, "target", ("far",), PLAIN, CAREFUL)
    assert seen(script).winner == PLAIN
    script.score(script.request(CAREFUL, "far", stage="target"), 0.1)
    assert seen(script).winner == CAREFUL


def test_view_as_json() -> None:
    """For programs the view is plain JSON: stages with their prompts from the best down, calls, the best."""
    shown = seen(whole_run()).as_json()
    assert orjson.loads(orjson.dumps(shown)) == shown
    assert (shown["status"], shown["improved"], shown["best"]["id"]) == ("finished", True, CAREFUL.id)
    assert shown["calls"]["finished"] == 26
    assert [c["measure"] for c in shown["comparisons"]] == ["metric"]
    assert (shown["control"], shown["against_control"]) == (None, [])
    source = shown["stages"]["source"]
    assert (source["evaluations"], source["saved"]) == (10, 2)
    assert [(row["n"], row["stopped_at"]) for row in source["prompts"]] == [(4, None), (4, None), (2, 2)]
    best, worst = shown["stages"]["target"]["prompts"]
    assert (best["score"], best["test_score"], best["promoted"], best["text"]) == (
        0.8,
        0.8,
        True,
        CAREFUL.text,
    )
    assert worst["measures"] == {
        "metric": 0.4,
        "accuracy": 0.4,
        "ifr": 1.0,
        "one_minus_ece": 0.9,
        "auroc": None,
        "pr_p": 0.7,
        "pr_n": 0.3,
    }


def test_empty_view_as_json() -> None:
    """A view that was fed nothing is JSON too."""
    shown = RunState().as_json()
    assert orjson.loads(orjson.dumps(shown)) == shown
    assert shown["best"] is None
