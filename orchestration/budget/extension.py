"""More budget for a run: what its limits are now, and where its budget has ended."""

from pydantic import ValidationError

from ...agents.messages import RunResumed
from ...agents.messages.codec import decode
from ...storage.event import Event
from ...storage.reader import Reader
from ..config.budget_settings import BudgetSettings, changed
from ..config.settings import Config
from ..errors import ConfigError


def limits_of(reader: Reader, run: str, config: Config) -> BudgetSettings:
    """The budget of a run: that of its configuration, or what it was changed to since."""
    budget = config.budget
    for event in reader.read(run, kinds=("run.resumed",)):
        message = decode(event)
        if isinstance(message, RunResumed) and message.budget is not None:
            budget = BudgetSettings.model_validate(message.budget)
    return budget


def raised(reader: Reader, run: str, config: Config, text: str) -> BudgetSettings:
    """The budget of a run, changed as `text` says. Raises `ConfigError` naming what does not do."""
    finished = next(reader.read(run, kinds=("run.finished",)), None)
    if finished is not None and end_of_budget(reader, run) is None:
        raise ConfigError(
            f"--budget {text}: run {run} has its verdict, and its budget had not ended before: there is "
            "nothing to go on with. To search longer, start a run with more steps."
        )
    return with_changes(limits_of(reader, run, config), text)


def with_changes(budget: BudgetSettings, text: str) -> BudgetSettings:
    """`budget`, changed as `text` says. Raises `ConfigError` naming what does not do."""
    try:
        return BudgetSettings.model_validate({**budget.model_dump(), **changed(budget, text)})
    except ValidationError as error:
        fault = error.errors()[0]
        what = f"{fault['loc'][0]} = {fault['input']!r}: {fault['msg'].removeprefix('Value error, ')}"
        raise ConfigError(f"--budget {text}: {what}.") from error
    except ValueError as error:
        raise ConfigError(f"--budget {text}: {error}.") from error


def end_of_budget(reader: Reader, run: str) -> Event | None:
    """The event that tells of the end of the budget; None where there was none."""
    return next(reader.read(run, kinds=("budget.exhausted",)), None)
