"""Rows that each event adds to the tables. Pure: the same events give the same rows, in any chunks.

Facts that the views show too, such as scores, status and cost, are not computed here: `complete` takes them
from the state of the run.
"""

from ....agents.call_events import module_of
from ....agents.messages import (
    CandidateRejected,
    CandidateStopped,
    Message,
    PromptJudged,
    PromptPromoted,
    PromptScored,
    ProposalsMade,
    RunStarted,
    ScoringRequested,
    StageStarted,
)
from ....agents.messages.codec import decode
from ....agents.upcasting import UPCASTERS
from ....prompts.candidate import Candidate
from ....storage.event import Event
from ....storage.redaction import is_redacted
from ....storage.row_buffer import Row, RowBuffer
from ..executions import is_execution, is_inner_request
from ..run_status import NOTES
from .schema import CallRow, CandidateRow, CostRow, ExecutionRow, JudgementRow, RunRow, ScoreRow


def fold(rows: RowBuffer, event: Event) -> None:
    """Enter the next event of a run."""
    run = rows.at(RunRow, event.run)
    run["events"] += 1
    run["first_at"] = run["first_at"] or event.at
    if event.kind in NOTES:
        return
    run["last_at"] = event.at
    if event.kind == "call.attempted":
        return
    if is_execution(event):
        _execution(rows, event)
    elif event.kind.startswith("call."):
        _call(rows, event)
    elif not is_redacted(event):
        _message(rows, run, event, decode(event))


def _message(rows: RowBuffer, run: Row, event: Event, message: Message) -> None:
    match message:
        case RunStarted():
            run |= {"name": message.name, "target_task": ", ".join(message.target_tasks)}
        case StageStarted():
            run["stage"] = message.stage
            for candidate in message.population:
                _candidate(rows, run, candidate)
        case ProposalsMade():
            for candidate in message.candidates:
                _candidate(rows, run, candidate, message.step)
        case CandidateRejected():
            _candidate(rows, run, message.candidate, message.step)["rejected"] = message.reason
        case ScoringRequested():
            _candidate(rows, run, message.candidate, message.step)
        case PromptPromoted():
            _candidate(rows, run, message.standing.candidate)["promoted"] = True
        case CandidateStopped():
            if (row := rows.get(CandidateRow, run["run"], message.candidate)) is not None:
                row["stopped"] = True
        case PromptScored():
            key = (event.run, message.stage, message.candidate, message.task, message.split)
            row = rows.at(ScoreRow, *key)
            row |= {"seq": event.seq, "step": message.step, "purpose": message.purpose}
        case PromptJudged():
            _judgement(rows, event, message)


def _candidate(rows: RowBuffer, run: Row, candidate: Candidate, step: int = 0) -> Row:
    row = rows.get(CandidateRow, run["run"], candidate.id)
    if row is None:
        row = rows.add(CandidateRow, run["run"], candidate.id)
        row |= {
            "operator": candidate.operator,
            "parents": " ".join(candidate.parents),
            "text": candidate.text,
            "stage": run["stage"],
            "step": step,
        }
    return row


def _judgement(rows: RowBuffer, event: Event, message: PromptJudged) -> None:
    for name, measure in message.measures.items():
        row = rows.at(JudgementRow, event.run, message.stage, message.candidate, name)
        row |= {"seq": event.seq, "noise": message.noise.get(name), **measure.model_dump()}


def _call(rows: RowBuffer, event: Event) -> None:
    data = {} if is_redacted(event) else UPCASTERS.payload(event)
    if event.kind == "call.requested":
        row = rows.add(CallRow, event.run, event.id)
        row |= {"seq": event.seq, "role": data.get("model", ""), "about": data.get("about", "")}
        if is_inner_request(event):
            row |= {"module": module_of(row["about"]), "execution": event.cause}
        rows.at(CostRow, event.run, row["role"])["calls"] += 1
        return
    row = rows.at(CallRow, event.run, event.cause or event.id)
    cost = rows.at(CostRow, event.run, event.sender.partition("/")[2])
    row["attempts"] += data.get("attempts", 0)
    if event.kind == "call.failed":
        row |= {"state": "failed", "error": data.get("error")}
        cost["failed"] += 1
        return
    row |= {"state": "finished", "error": None}
    cost["finished"] += 1
    if data:
        _reply(row, cost, data)


def _execution(rows: RowBuffer, event: Event) -> None:
    data = {} if is_redacted(event) else UPCASTERS.payload(event)
    row = rows.at(ExecutionRow, event.run, event.id if event.kind == "call.requested" else event.cause or "")
    match event.kind:
        case "call.requested":
            row |= {"seq": event.seq, "about": data.get("about", "")}
        case "call.failed":
            row |= {"state": "failed", "error": data.get("error")}
        case _:
            reused = bool(data.get("reused"))
            row |= {"state": "finished", "error": None, "reused": reused, "latency": data.get("latency")}


def _reply(row: Row, cost: Row, data: Row) -> None:
    row |= {"latency": data["latency"], "reused": bool(data["reused"])}
    if row["reused"]:
        cost["reused"] += 1
        return
    cost["seconds"] += data["latency"]
    for name in ("prompt_tokens", "completion_tokens"):
        row[name] = data["reply"][name]
