"""Carry out the run of a cell in this process: what every worker does, wherever it runs."""

from pydantic import ValidationError

from ...storage.errors import LogBusy, LogEmpty, LogNotFound, RunBusy, TransferPromptingError
from ...storage.event import Event
from ...storage.opening import open_reader
from ...storage.place import Place
from ..config.functions import with_functions
from ..config.settings import Config, invalid
from ..errors import ConfigError
from ..projections.run_status import ENDS
from ..runtime.assembly import opening
from ..runtime.lifecycle import begin, resume
from ..trust.consent import Consent
from .cell import name_of
from .data_digest import TaskDigests
from .job import CellJob, JobEnd


async def carry_out(job: CellJob) -> JobEnd:
    """Make the run of a cell, or continue it where its log ends; return how that ended.

    A run that has finished is not touched.
    """
    try:
        await _carry_out(job)
    except (LogBusy, RunBusy) as error:
        return JobEnd(how="busy", error=str(error))
    except TransferPromptingError as error:
        return JobEnd(how="failed", error=str(error))
    return JobEnd(how="done")


async def _carry_out(job: CellJob) -> None:
    config = _config(job)
    begun = _begun(job.log, job.run)
    if begun == "finished":
        return
    unreadable = job.accept_unreadable
    if begun:
        # The roles and models of the study are those of its user, whatever the log says.
        own = Consent(own=config)
        await resume(
            job.log, job.run, _ignore, accept_unreadable=unreadable, consent=own, further=job.further
        )
        return
    folder = job.folder
    await begin(
        config,
        lambda pool: opening(config, folder, pool),
        job.log,
        _ignore,
        accept_unreadable=unreadable,
        name=job.run,
        further=job.further,
    )


def _config(job: CellJob) -> Config:
    """Return the configuration of a run. Raise `ConfigError` if it is not the one that is named so."""
    try:
        config = Config.model_validate(job.config)
    except ValidationError as error:
        raise invalid(f"Run {job.run}", error) from error
    if name_of(config, job.folder, job.earlier, TaskDigests()) != job.run:
        raise ConfigError(
            f"The data or the code of run {job.run} have changed since the study was planned, or differ on "
            "this computer. Use the same files everywhere, and start the study again."
        )
    return with_functions(config.changed({"experience": job.experience}), job.folder)


def _begun(log: Place, run: str) -> str:
    """Return "finished" or "begun" for a run in a log, "" if it is not there."""
    try:
        with open_reader(log) as reader:
            if next(reader.read(run, kinds=ENDS), None) is not None:
                return "finished"
            return "begun" if reader.last(run) is not None else ""
    except (LogNotFound, LogEmpty):
        return ""


def _ignore(_event: Event) -> None:
    """Ignore an event: whoever watches reads the log."""
