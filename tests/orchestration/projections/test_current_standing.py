"""Tests of the present position of a run: phase, clock, leaderboards, races and slots."""

from typing import Any

import pytest
from console_script import (
    CAREFUL,
    PLAIN,
    SHORT,
    Script,
    end_race,
    interleaved,
    open_stage,
    opening,
    stop,
    want,
    whole_run,
)
from seen_scripts import seen

from transfer_prompting.agents.messages import RaceFinished, RunFailed
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.models.registry import ModelSettings
from transfer_prompting.orchestration.projections.current_standing import (
    current_leaderboard,
    phase,
    scored_leaderboards,
    seconds_since_start,
    top_prompts,
)
from transfer_prompting.orchestration.projections.event_stage import EventStage
from transfer_prompting.orchestration.projections.model_slots import ModelSlots
from transfer_prompting.orchestration.projections.race_totals import RaceTotals, race_totals, stopped_in
from transfer_prompting.orchestration.projections.slot_usage import SlotUsage, slot_usage


def test_phases() -> None:
    """A run loads its tasks, opens a stage, goes through steps, compares the finalists, and is done."""
    script = Script()
    phases = [phase(seen(script))]
    opening(script)
    open_stage(script, "target", ("far",), PLAIN)
    phases.append(phase(seen(script)))
    want(script, "target", 1)
    phases.append(phase(seen(script)))
    script.request(PLAIN, "far", stage="target", final=True)
    phases += [phase(seen(script)), phase(seen(whole_run()))]
    assert phases == ["loading", "starting prompts", "step", "final comparison", "done"]


def test_the_clock_of_a_failed_run_stands_still() -> None:
    """Silence counts as time while a run goes on, and not after it has failed."""
    script = Script()
    opening(script)
    state = seen(script)
    assert seconds_since_start(state, 60.0) == state.elapsed + 60.0
    script.say("runtime", RunFailed(cause="quota", error="no money", count=1))
    state = seen(script)
    assert seconds_since_start(state, 60.0) == state.elapsed


def test_leaderboards() -> None:
    """A finished run shows the leaderboard of the target; stages without a score are left out."""
    state = seen(whole_run())
    assert current_leaderboard(state) is state.leaderboards["target"]
    assert scored_leaderboards(state) == [state.leaderboards["source"], state.leaderboards["target"]]
    script = Script()
    opening(script)
    open_stage(script, "source", ("near",), PLAIN)
    state = seen(script)
    assert current_leaderboard(state) is state.board
    assert scored_leaderboards(state) == []


def test_the_best_initial_prompt_is_among_the_top() -> None:
    """The top prompts are the best ones, and the best initial prompt in addition if it is not one of them."""
    script = Script()
    opening(script)
    open_stage(script, "source", ("near",), PLAIN)
    for prompt, score in ((PLAIN, 0.1), (CAREFUL, 0.9), (SHORT, 0.5)):
        script.score(script.request(prompt), score)
    board = seen(script).board
    assert board is not None
    assert [row.candidate for row in top_prompts(board, 1)] == [CAREFUL, PLAIN]
    assert [row.candidate for row in top_prompts(board, 3)] == [CAREFUL, SHORT, PLAIN]


def test_totals_of_several_races() -> None:
    """The totals of races are the sums over them, and a stopped candidate no longer remains."""
    script = interleaved()
    stop(script, SHORT, 2, step=1)
    races = seen(script).races.under_way
    assert race_totals(races) == RaceTotals(entered=4, remaining=3, finished=12, expected=14)
    assert race_totals(races[:1]) == RaceTotals(entered=2, remaining=1, finished=4, expected=4)


def test_stopped_candidates_of_a_finished_race() -> None:
    """A finished race counts the candidates that it stopped."""
    script = Script()
    message = decode(end_race(script, "source", 1, (CAREFUL, 4), (SHORT, 2), against=PLAIN, winner=CAREFUL))
    assert isinstance(message, RaceFinished)
    assert stopped_in(message) == 1


def _slots(count: int) -> ModelSlots:
    return ModelSlots({"scorer": {"provider": "openai", "concurrency": count}})


@pytest.mark.parametrize(
    "settings",
    [
        {"provider": "smollm2", "batch_size": 8},
        {"provider": "ray", "engine": "smollm2", "batch_size": 8, "actors": 3},
        {"provider": "ray", "engine": "vllm", "model": "m", "gpus": 1, "concurrency": 9, "actors": 2},
        {"provider": "openai", "model": "m", "base_url": "http://h", "concurrency": 5},
        {"provider": "human"},
    ],
)
def test_slots_of_the_settings(settings: dict[str, Any]) -> None:
    """The log tells as many slots as the settings that were written into it."""
    model = ModelSettings(**settings)
    assert ModelSlots({"scorer": model.model_dump(mode="json")}).total == model.slots


def test_queued_calls_occupy_no_slot() -> None:
    """No more calls than there are slots are busy; the others are queued."""
    script = Script()
    asked = script.request(PLAIN, n=10)
    for _ in range(10):
        script.ask(asked)
    state = seen(script)
    assert slot_usage(state) == SlotUsage(slots=0, busy=10, queued=0)
    state.spending.slots = _slots(16)
    assert slot_usage(state) == SlotUsage(slots=16, busy=10, queued=0)
    state.spending.slots = _slots(4)
    assert slot_usage(state) == SlotUsage(slots=4, busy=4, queued=6)


def test_stages_of_events() -> None:
    """An event without a stage belongs to the stage before it, but not to that of a task loaded before it."""
    script = Script()
    opening(script)
    open_stage(script, "source", ("near",), PLAIN)
    script.ask(script.request(PLAIN))
    stages = EventStage()
    by_kind = {event.kind: stages.apply(event) for event in script.events}
    assert by_kind["run.started"] is None
    assert by_kind["task.loaded"] == "target"
    assert by_kind["call.requested"] == by_kind["stage.started"] == "source"
    assert stages.apply(script.events[-1]._replace(kind="prompt.scored", data=b"broken")) == "source"
