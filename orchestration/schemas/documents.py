"""The shape of each document, as a pydantic model: what its JSON schema is made from."""

from typing import Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from ...agents.messages import Comparison, Stage
from ...agents.messages.scores import Measure
from ...prompts.candidate import Candidate
from ...prompts.loading.summary import TaskSummary
from ...prompts.loading.task_settings import TaskSettings
from ..doctor import Check
from ..lineage.verify import Finding
from ..projections.cost_breakdown import RoleCost, StageCost, TimeShare
from ..projections.example_history import ExampleHistory
from ..projections.family_tree import StagePosition, WordChange
from ..projections.prompt_history import PromptHistory
from ..projections.run_diff import RunDiff
from ..projections.run_status import Status
from ..report.contents import Contents
from ..report.side_by_side import SideBySide
from .names import VERSIONS, schema_name


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ListedRun(_Shape):
    """A run of a log."""

    run: str
    state: Literal["finished", "failed", "unfinished"]
    events: int
    started: str
    """ISO 8601, local time with its offset."""
    seconds: float


class CallTotals(_Shape):
    """How many calls there were, and their tokens; a reused reply costs none."""

    requested: int
    finished: int
    failed: int
    reused: int
    saved_tokens: int
    in_flight: int
    prompt_tokens: int
    completion_tokens: int


class BudgetState(_Shape):
    """What a run may cost and has cost: calls, tokens, money and seconds; `ended` names the limit reached."""

    limits: dict[str, float]
    spent: dict[str, float]
    ended: str | None


class PromptRow(_Shape):
    """A prompt of a stage; measures in [0, 1], null where undefined, `vector` with number and interval."""

    id: str
    operator: str
    parents: list[str]
    text: str
    by_task: dict[str, float]
    measures: dict[str, float | None]
    vector: dict[str, Measure]
    n: int
    stopped_at: int | None
    promoted: bool
    test_score: float | None
    test_vector: dict[str, Measure] | None


class ShownPrompt(PromptRow):
    """A prompt in the order of its stage, with its mean composite score."""

    score: float | None


class ShownStage(_Shape):
    """A stage; its prompts from the best to the worst."""

    tasks: list[str]
    steps: int
    evaluations: int
    saved: int
    front: list[str]
    prompts: list[ShownPrompt]


class TreePrompt(_Shape):
    """A prompt of the family tree, below `parent`; `changes` is its text against the parent's."""

    id: str
    text: str
    operator: str
    parents: list[str]
    parent: str | None
    place: StagePosition | None
    changes: list[tuple[WordChange, str]] | None


def _document(kind: str, about: str, /, **fields: Any) -> type[BaseModel]:
    """A document: the name of its schema, and these fields."""
    name: Any = (Literal[schema_name(kind)], Field(alias="schema"))
    return create_model(
        "".join(map(str.title, kind.split("-"))), __base__=_Shape, __doc__=about, schema_name=name, **fields
    )


def _of(shape: type) -> dict[str, Any]:
    """The fields of a dataclass."""
    return {name: (hint, ...) for name, hint in get_type_hints(shape).items()}


_SHOWN: dict[str, Any] = {
    "run": (str, ...),
    "name": (str, ...),
    "status": (Status, ...),
    "verdict": (str | None, ...),
    "error": (str | None, ...),
    "improved": (bool | None, ...),
    "started": (str | None, ...),
    "seconds": (float, ...),
    "stage": (Stage | None, ...),
    "step": (int, ...),
    "rejected": (int, ...),
    "excluded": (int, ...),
    "budget": (BudgetState, ...),
    "calls": (CallTotals, ...),
    "best": (Candidate | None, ...),
    "control": (Candidate | None, ...),
    "comparisons": (list[Comparison], ...),
    "against_control": (list[Comparison], ...),
    "stages": (dict[str, ShownStage], ...),
}
_ENVELOPE: dict[str, Any] = {
    "seq": (int, ...),
    "run": (str, ...),
    "version": (int, ...),
    "kind": (str, ...),
    "sender": (str, ...),
    "recipients": (list[str], ...),
    "cause": (str | None, ...),
    "time": (str, ...),
    "message": (dict[str, Any] | None, ...),
}
_VERDICT: dict[str, Any] = {
    "run": (str, ...),
    "finished": (bool, ...),
    "best": (Candidate, ...),
    "initial": (Candidate | None, ...),
    "improved": (bool | None, ...),
    "verdict": (str | None, ...),
    "comparisons": (list[Comparison], ...),
    "p_value": (float | None, ...),
    "control": (Candidate | None, ...),
    "against_control": (list[Comparison], ...),
}

SHAPES: dict[str, type[BaseModel]] = {
    "runs": _document("runs", "tp runs --json: the runs, the oldest first.", runs=(list[ListedRun], ...)),
    "run": _document("run", "tp show RUN --json: the outcome of a run, stage by stage.", **_SHOWN),
    "event": _document(
        "event",
        "tp show RUN SEQ --json: one message in full; docs/messages.md has the shapes of `message`.",
        **_ENVELOPE,
        id=(str, ...),
        message_schema=(int, ...),
        hash=(str, ...),
    ),
    "prompt": _document(
        "prompt",
        "tp show RUN PROMPT --json: every measure of a prompt, stage by stage.",
        run=(str, ...),
        id=(str, ...),
        stages=(dict[str, PromptRow], ...),
    ),
    "leader": _document(
        "leader",
        "tp best RUN --by MEASURE --json: who leads the Pareto front in a measure.",
        run=(str, ...),
        by=(str, ...),
        prompt=(PromptRow, ...),
    ),
    "best": _document("best", "tp best RUN --json: the prompt to use, with its evidence.", **_VERDICT),
    "tree": _document(
        "tree",
        "tp show RUN --tree --json: every prompt with what it changes in its parent.",
        run=(str, ...),
        prompts=(list[TreePrompt], ...),
    ),
    "why": _document(
        "why", "tp why RUN PROMPT --json: a prompt's life.", run=(str, ...), **_of(PromptHistory)
    ),
    "example": _document(
        "example",
        "tp why RUN PROMPT --example ID --json: what was said about an example.",
        run=(str, ...),
        **_of(ExampleHistory),
    ),
    "cost": _document(
        "cost",
        "tp cost RUN --json: what a run cost, and where its time went.",
        run=(str, ...),
        seconds=(float, ...),
        roles=(list[RoleCost], ...),
        stages=(list[StageCost], ...),
        time=(list[TimeShare], ...),
    ),
    "report": _document("report", "tp report RUN --json: all that is in the report.", **_of(Contents)),
    "compare": _document("compare", "tp compare RUN RUN --json: runs side by side.", **_of(SideBySide)),
    "diff": _document("diff", "tp diff RUN RUN --json: where two runs part.", **_of(RunDiff)),
    "verify": _document(
        "verify", "tp verify --json: whether the log holds, run by run.", findings=(list[Finding], ...)
    ),
    "tables": _document(
        "tables",
        "tp project RUN --json: rows about a run.",
        tables=(dict[str, list[dict[str, Any]]], ...),
    ),
    "tasks": _document("tasks", "tp tasks --json: the bundled tasks.", tasks=(dict[str, TaskSettings], ...)),
    "task": _document(
        "task", "tp tasks NAME --json: a task, and how its data are understood.", **_of(TaskSummary)
    ),
    "doctor": _document("doctor", "tp doctor --json: what is installed.", checks=(list[Check], ...)),
    "launch": _document(
        "launch",
        "The first line of tp run --json and tp resume --json, once the run is in the log.",
        run=(str, ...),
        log=(str, ...),
        seq=(int, ...),
    ),
    "done": _document(
        "done",
        "The last line of tp run --json and tp resume --json.",
        run=(str, ...),
        outcome=(Literal["finished", "failed", "interrupted"], ...),
        error=(str | None, ...),
        improved=(bool | None, ...),
        verdict=(str | None, ...),
        best=(Candidate | None, ...),
    ),
}
"""Document -> its shape; `line` is apart, since a stream of events does not repeat the name on every line."""
LINE = create_model(
    "Line", __base__=_Shape, __doc__="A line of tp watch --display json: one event of the log.", **_ENVELOPE
)


def json_schema(kind: str) -> dict[str, Any]:
    """The JSON schema of a document. Raises `KeyError` for one that there is not."""
    shape = LINE if kind == "line" else SHAPES[kind]
    made = shape.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": schema_name(kind),
        "version": VERSIONS[kind],
        **made,
    }
