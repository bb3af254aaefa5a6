"""Read the configuration and the verdict of a run from its log."""

from pydantic import ValidationError

from ...agents.messages import RunFinished, RunStarted, TargetsFinished
from ...agents.messages.codec import decode
from ...prompts.validation_errors import describe_errors
from ...storage.errors import UnknownRun
from ...storage.event import Event
from ...storage.opening import open_reader
from ...storage.place import Place
from ...storage.reader import Reader
from ...storage.redaction import PayloadRedacted, is_redacted
from ..config.settings import RECORDED, Config, recorded_config
from ..errors import ConfigError
from ..projections.run_status import ENDS


def read_recorded(reader: Reader, run: str) -> tuple[Config, RunStarted]:
    """Return the configuration of a run and the message that holds it.

    Raises:
        UnknownRun: The run does not begin with that message.
        PayloadRedacted: The message was redacted.
        ConfigError: This version cannot read the configuration.
    """
    started = decode(opening_event(reader, run))
    assert isinstance(started, RunStarted)
    _check_self_contained(run, started)
    try:
        return Config.model_validate(recorded_config(started.config), context=RECORDED), started
    except ValidationError as error:
        raise ConfigError(
            f"The configuration in run {run} is not valid in this version:\n"
            f"{describe_errors(f'run {run}', error, Config)}"
        ) from error


RunVerdict = RunFinished | TargetsFinished
"""The end of a run: its verdict, or that of several targets, each of which has its own verdict."""


def read_verdict(place: Place, run: str) -> RunVerdict:
    """Return the verdict of a finished run."""
    with open_reader(place) as reader:
        *_, event = reader.read(run, kinds=ENDS)
    message = decode(event)
    assert isinstance(message, RunFinished | TargetsFinished)
    return message


def opening_event(reader: Reader, run: str) -> Event:
    """Return the first event of a run, which holds the configuration. Raise as `read_recorded` does."""
    first = next(reader.read(run), None)
    if first is None or first.kind != "run.started":
        raise UnknownRun(f"Run {run} does not begin with run.started: this program did not write it.")
    if is_redacted(first):
        raise PayloadRedacted(first)
    return first


def _check_self_contained(run: str, started: RunStarted) -> None:
    """Raise `ConfigError` if validating the configuration would read a file."""
    search = started.config.get("search")
    for name in ("wording", "judge"):
        judge = search.get(name) if isinstance(search, dict) else None
        if isinstance(judge, dict) and isinstance(judge.get("rubric"), str):
            raise ConfigError(
                f"The configuration in run {run} names a file as search.{name}.rubric. This program writes "
                "the rubric itself into a log, so it did not write this one."
            )
