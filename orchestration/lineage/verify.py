"""Verify that a log still holds the events that were written, run by run."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from ...storage.errors import LogDamaged, StorageError, TailMissing
from ...storage.opening import open_reader
from ...storage.place import Place, shown
from ...storage.reader import Reader
from ..errors import NotApproved, ReplayDivergence
from ..runtime.lifecycle import reenact
from ..trust.consent import NO_CONSENT, Consent


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of verifying one run: the number of its events, or a fault and its seq."""

    run: str
    """Name of the run; the place of the log if the fault concerns its end."""
    events: int
    fault: str | None = None
    seq: int | None = None
    """The first faulty seq, if there is one."""

    @property
    def line(self) -> str:
        """The finding as one line of text."""
        return f"{self.run}: {self.fault or f'ok, {self.events:,} events'}"


async def verify(
    log_path: Place, name: str | None, *, replay: bool, consent: Consent = NO_CONSENT
) -> AsyncIterator[Finding]:
    """Verify the run `name`, or every run: chain, gaps and head; with `replay`, run every handler too.

    Roles of a run that is not approved here do not run. If it is the run `name`, `NotApproved` is raised.
    """
    with open_reader(log_path) as reader:
        head = reader.head()  # First, because a writer may start a run meanwhile.
        known = {summary.run: summary.events for summary in reader.runs()}
        runs = [reader.resolve(name)] if name else list(known)
        sound = True
        for run in runs:
            try:
                finding = await _check(reader, run, known[run], replay=replay, consent=consent)
                sound = sound and finding.fault is None
            except NotApproved:
                if name:
                    raise
                finding = Finding(run, known[run], _not_reenacted(run))
            yield finding
        if head is not None and head.seq and head.run not in known:
            yield Finding(
                head.run,
                0,
                f"The head anchor knows seq {head.seq} of this run; the log does not.",
            )
        elif sound and (fault := _fault_of_end(reader)):
            yield Finding(shown(log_path), 0, fault)


def _fault_of_end(reader: Reader) -> str | None:
    try:
        reader.check_end()
    except TailMissing as error:
        return str(error)
    return None


def _not_reenacted(run: str) -> str:
    return (
        "The chain is whole. The run was not re-enacted, because it has roles of its own that you have not "
        f"approved: tp verify {run} --replay lists them."
    )


async def _check(reader: Reader, run: str, events: int, *, replay: bool, consent: Consent) -> Finding:
    try:
        events = reader.verify(run)
        if replay:
            await reenact(reader.place, run, lambda _event: None, consent=consent)
    except (LogDamaged, ReplayDivergence) as error:
        return Finding(run, events, str(error), error.seq)
    except (TailMissing, StorageError) as error:
        return Finding(run, events, str(error))
    return Finding(run, events)
