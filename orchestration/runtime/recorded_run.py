"""Read the configuration of a run from its log."""

from ...agents.messages import RunStarted
from ...agents.messages.codec import decode
from ...storage.errors import UnknownRun
from ...storage.reader import Reader
from ...storage.redaction import PayloadRedacted, is_redacted
from ..config.settings import Config, recorded_config
from ..errors import ConfigError


def recorded(reader: Reader, run: str) -> tuple[Config, RunStarted]:
    """The configuration of a run, and the message that holds it. Raises `UnknownRun`, `ConfigError`."""
    first = next(reader.read(run), None)
    if first is None or first.kind != "run.started":
        raise UnknownRun(f"Run {run} does not begin with run.started: it was not written by this program.")
    if is_redacted(first):
        raise PayloadRedacted(first)
    started = decode(first)
    assert isinstance(started, RunStarted)
    try:
        return Config.model_validate(recorded_config(started.config)), started
    except ValueError as error:
        raise ConfigError(f"The configuration in run {run} is not one of this version: {error}") from error
