"""Read the configuration and the verdict of a run from its log."""

from pydantic import ValidationError

from ...agents.messages import RunFinished, RunStarted
from ...agents.messages.codec import decode
from ...prompts.validation_errors import describe_errors
from ...storage.errors import UnknownRun
from ...storage.opening import open_reader
from ...storage.place import Place
from ...storage.reader import Reader
from ...storage.redaction import PayloadRedacted, is_redacted
from ..config.settings import Config, recorded_config
from ..errors import ConfigError


def read_recorded(reader: Reader, run: str) -> tuple[Config, RunStarted]:
    """Return the configuration of a run and the message that holds it.

    Raises:
        UnknownRun: The run does not begin with that message.
        PayloadRedacted: The message was redacted.
        ConfigError: This version cannot read the configuration.
    """
    first = next(reader.read(run), None)
    if first is None or first.kind != "run.started":
        raise UnknownRun(f"Run {run} does not begin with run.started: this program did not write it.")
    if is_redacted(first):
        raise PayloadRedacted(first)
    started = decode(first)
    assert isinstance(started, RunStarted)
    try:
        return Config.model_validate(recorded_config(started.config)), started
    except ValidationError as error:
        raise ConfigError(
            f"The configuration in run {run} is not valid in this version:\n"
            f"{describe_errors(f'run {run}', error, Config)}"
        ) from error


def read_verdict(place: Place, run: str) -> RunFinished:
    """Return the verdict of a finished run."""
    with open_reader(place) as reader:
        *_, event = reader.read(run, kinds=("run.finished",))
    message = decode(event)
    assert isinstance(message, RunFinished)
    return message
