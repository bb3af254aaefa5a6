"""The list of JSON documents. It imports nothing heavy: commands that only list runs must start fast."""

from typing import NamedTuple


class Document(NamedTuple):
    """A JSON document that a command prints."""

    command: str
    """The command that prints it."""
    type: str
    """Module of `orchestration` and class, such as "cli.runs:RunsDocument"."""
    version: int = 1
    """It goes up when a key disappears or changes its meaning. New keys may come without that."""


DOCUMENTS = {
    "runs": Document("tp runs --json", "cli.runs:RunsDocument"),
    "run": Document("tp show RUN --json", "cli.show_outcome:RunDocument"),
    "event": Document("tp show RUN SEQ --json", "cli.show_event:EventDocument"),
    "prompt": Document("tp show RUN PROMPT --json", "cli.prompt_documents:PromptDocument"),
    "best": Document("tp best RUN --json", "cli.best_document:BestDocument"),
    "winner": Document("tp best RUN --as json", "deploy.document:WinnerDocument"),
    "tried": Document("tp try RUN --json", "deploy.trial:TriedDocument"),
    "leader": Document("tp best RUN --by MEASURE --json", "cli.prompt_documents:LeaderDocument"),
    "tree": Document("tp show RUN --tree --json", "cli.show_tree:TreeDocument"),
    "why": Document("tp why RUN PROMPT --json", "cli.why:WhyDocument"),
    "example": Document("tp why RUN PROMPT --example ID --json", "cli.why_example:ExampleDocument"),
    "cost": Document("tp cost RUN --json", "cli.cost:CostDocument"),
    "experience": Document("tp experience --json", "cli.experience:ExperienceDocument"),
    "report": Document("tp report RUN --json", "report.contents:Contents"),
    "audit": Document("tp audit NAME --json", "cli.audit:AuditDocument"),
    "compare": Document("tp compare RUN RUN --json", "report.side_by_side:SideBySide"),
    "diff": Document("tp diff RUN RUN --json", "projections.run_diff:RunDiff"),
    "verify": Document("tp verify --json", "cli.verify:VerifyDocument"),
    "tables": Document("tp project RUN --json", "cli.project:TablesDocument"),
    "tasks": Document("tp tasks --json", "cli.tasks:TasksDocument"),
    "task": Document("tp tasks NAME --json", "cli.task_summary:TaskSummary"),
    "calibration": Document("tp calibrate-judge TASK --json", "cli.calibrate_judge:CalibrationDocument"),
    "doctor": Document("tp doctor --json", "cli.doctor:DoctorDocument"),
    "role": Document("tp check-role ROLE --json", "cli.check_role:RoleDocument"),
    "cross-validation": Document("tp cross-validate --json", "projections.cross_validation:CrossValidation"),
    "study": Document("tp study show --json", "studies.document:StudyTable"),
    "estimate": Document("tp run --dry-run --json", "cli.run_estimate:EstimateDocument"),
    "launch": Document("first line of tp run --json and tp resume --json", "cli.run_records:LaunchRecord"),
    "done": Document("last line of tp run --json and tp resume --json", "cli.run_records:DoneRecord"),
    "migration": Document("last line of tp migrate --json", "projections.migration_table:MigrationTable"),
    "line": Document("each line of tp watch --display json", "cli.show_event:EventLine"),
}
"""Name -> document. A `line` does not repeat the name of its schema; every other document begins with it."""


def schema_name(kind: str) -> str:
    """Return the value of "schema" in a document, such as "transfer-prompting/runs/1"."""
    return f"transfer-prompting/{kind}/{DOCUMENTS[kind].version}"
