"""How a run ended, whatever notes were added to it afterwards. Imports little: `tp runs` starts at once."""

from dataclasses import replace

from ...storage.reader import Reader, RunSummary

NOTES = frozenset({"run.forked", "fork.made", "run.imported", "event.redacted"})
"""The kinds of notes: what the user adds after the fact, and no agent hears."""
_TURNS = ("run.started", "run.resumed", "run.failed", "handler.failed", "run.finished")


def without_notes(reader: Reader, summary: RunSummary) -> RunSummary:
    """The summary of a run as it was before notes were added: they say nothing of how it ended."""
    if summary.last_kind not in NOTES:
        return summary
    turns = list(reader.read(summary.run, kinds=_TURNS))
    return replace(summary, last_kind=turns[-1].kind, last_at=turns[-1].at) if turns else summary
