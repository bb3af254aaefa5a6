"""The facts of a run as each view of its log tells them."""

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

from harbour_run import RUN as HARBOUR
from tiny_runs import RUN

from transfer_prompting.orchestration.budget.tracker import BudgetTracker, Terms
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.projections.cost_breakdown import by_role, by_stage
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.orchestration.projections.history import RunHistory, read_history
from transfer_prompting.orchestration.projections.listed_runs import listed_runs
from transfer_prompting.orchestration.projections.run_state import RunState
from transfer_prompting.orchestration.projections.summary import summarised
from transfer_prompting.orchestration.projections.tables.catch_up import catch_up, open_views
from transfer_prompting.orchestration.report.contents import contents_of
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.reader import Reader
from transfer_prompting.storage.sqlite.reader import LogReader

__all__ = ["HARBOUR", "RUN", "Facts", "facts_of", "ledger_facts", "state_facts"]

Facts = dict[str, Any]
"""Name of a fact -> its value; a view holds only the facts that it tells."""


def facts_of(log: Path, run: str) -> dict[str, Facts]:
    """Return the facts of a run by view: display, summary, list of runs, history, report, tables, ledger."""
    with LogReader(log) as reader:
        events = list(reader.read(run))
        history = read_history(reader, run)
        return {
            "display": state_facts(_displayed(events)),
            "show": state_facts(summarised(reader, run)),
            "history": _history_facts(history),
            "runs": _listed_facts(reader, run),
            "report": _report_facts(history, reader),
            "tables": _table_facts(log, reader, run),
            "ledger": ledger_facts(events),
        }


def _displayed(events: list[Event]) -> RunState:
    state = RunState()
    for event in events:
        state.apply(event, message_for(event))
    return state


def state_facts(state: RunState) -> Facts:
    """Return what a display shows."""
    shown = state.as_json()
    spent = state.spending.spent(state.elapsed)
    return {
        "status": state.status,
        "seconds": round(state.elapsed, 6),
        "verdict": state.verdict,
        # Those of withdrawn prompts too, which no ranking shows.
        "scores": {
            (stage, id_, task): round(score, 9)
            for stage, board in state.leaderboards.items()
            for id_, row in board.rows.items()
            for task, score in row.by_task.items()
        },
        "examples": {
            (stage, row["id"]): row["n"]
            for stage, board in shown["stages"].items()
            for row in board["prompts"]
        },
        "ranking": {
            stage: [row["id"] for row in board["prompts"]] for stage, board in shown["stages"].items()
        },
        "finals": {id_: round(state.finals.score(id_).composite, 9) for id_ in state.finals.finalists},
        "calls": {name: shown["calls"][name] for name in ("requested", "finished", "failed", "reused")},
        "prompt tokens": shown["calls"]["prompt_tokens"],
        "completion tokens": shown["calls"]["completion_tokens"],
        "lost tokens": shown["calls"]["lost_tokens"],
        "requests": spent["calls"],
        "charged tokens": spent["tokens"],
        "money": round(spent["money"], 12),
        "charged seconds": round(spent["seconds"], 6),
    }


def _history_facts(history: RunHistory) -> Facts:
    costs, calls = by_role(history), history.calls.by_id.values()
    return {
        **state_facts(history.state),
        "requests": sum(cost.requests for cost in costs) + history.state.spending.carried.calls,
        "prompt tokens": sum(cost.prompt_tokens for cost in costs),
        "completion tokens": sum(cost.completion_tokens for cost in costs),
        "lost tokens": sum(cost.lost_tokens for cost in costs),
        "tokens of the calls": sum(call.tokens for call in calls),
        "tokens of the stages": sum(cost.tokens for cost in by_stage(history)),
    }


def _listed_facts(reader: Reader, run: str) -> Facts:
    [listed] = [line for line in listed_runs(reader) if line.run == run]
    return {"status": listed.status, "seconds": round(listed.seconds, 6), "events": listed.events}


def _report_facts(history: RunHistory, reader: Reader) -> Facts:
    contents = contents_of(history, reader)
    return {
        "status": contents.status,
        "seconds": round(contents.seconds, 6),
        "finals": {
            finalist.id: round(finalist.metric if finalist.composite is None else finalist.composite, 9)
            for finalist in contents.finalists
            if finalist.metric is not None
        }
        or state_facts(history.state)["finals"],
        "prompt tokens": sum(cost.prompt_tokens for cost in contents.costs),
        "completion tokens": sum(cost.completion_tokens for cost in contents.costs),
        "lost tokens": sum(cost.lost_tokens for cost in contents.costs),
    }


def _table_facts(log: Path, reader: Reader, run: str) -> Facts:
    views = open_views(log)
    try:
        catch_up(views, reader, run)
        tables = views.dump(run)
    finally:
        views.close()
    [row] = tables["run"]
    costs = tables["cost"]
    dev = [score for score in tables["score"] if score["split"] == "dev"]
    return {
        "status": row["status"],
        "seconds": round(row["seconds"], 6),
        "verdict": row["verdict"],
        "events": row["events"],
        "scores": {(s["stage"], s["candidate"], s["task"]): round(s["composite"], 9) for s in dev},
        "finals": {s["candidate"]: round(s["composite"], 9) for s in tables["score"] if s["split"] == "test"},
        "calls": {
            "requested": len(tables["call"]),
            "finished": sum(cost["finished"] for cost in costs),
            "failed": sum(cost["failed"] for cost in costs),
            "reused": sum(cost["reused"] for cost in costs),
        },
        "prompt tokens": sum(cost["prompt_tokens"] for cost in costs),
        "completion tokens": sum(cost["completion_tokens"] for cost in costs),
        "lost tokens": sum(cost["lost_tokens"] for cost in costs),
    }


def ledger_facts(events: list[Event]) -> Facts:
    """Return what the budget has charged after it has read the log again, as for a resumption."""
    tracker = BudgetTracker(Terms(), ModelPool({}), lambda _message: None)
    tracker.apply_all(events)
    spent = tracker.ledger.spent
    return {
        "requests": spent.calls,
        "charged tokens": spent.tokens,
        "money": round(spent.money, 12),
        "charged seconds": round(tracker.elapsed(), 6),
    }


def disagreements(facts: Mapping[str, Facts]) -> list[str]:
    """Return every fact that two views tell differently."""
    return [
        f"{name}: {one} {facts[one][name]!r}, {other} {facts[other][name]!r}"
        for one, other in combinations(facts, 2)
        for name in facts[one].keys() & facts[other].keys()
        if facts[one][name] != facts[other][name]
    ]
