"""Raise the budget of a run: its present limits, and the event at which the budget ended."""

from pydantic import ValidationError

from ...agents.messages import RunResumed
from ...agents.messages.codec import decode
from ...prompts.validation_errors import describe_errors
from ...storage.event import Event
from ...storage.reader import Reader
from ..config.budget_settings import BudgetSettings, parse_changes
from ..config.settings import Config
from ..errors import ConfigError
from ..projections.run_status import ENDS


def limits_of(reader: Reader, run: str, config: Config) -> BudgetSettings:
    """Return the budget of a run: that of its configuration, or the latest change."""
    budget = config.budget
    for event in reader.read(run, kinds=("run.resumed",)):
        message = decode(event)
        if isinstance(message, RunResumed) and message.budget is not None:
            budget = BudgetSettings.model_validate(message.budget)
    return budget


def raised_budget(reader: Reader, run: str, config: Config, text: str) -> BudgetSettings:
    """Return the budget of a run with the changes in `text`. Raise `ConfigError` if they are invalid."""
    finished = next(reader.read(run, kinds=ENDS), None)
    if finished is not None and end_of_budget(reader, run) is None:
        raise ConfigError(
            f"--budget {text}: run {run} reached its verdict before its budget ended, so there is nothing to "
            "continue. To search longer, start a run with more steps."
        )
    return with_changes(limits_of(reader, run, config), text)


def with_changes(budget: BudgetSettings, text: str) -> BudgetSettings:
    """Return `budget` with the changes in `text`. Raise `ConfigError` if they are invalid."""
    try:
        return BudgetSettings.model_validate({**budget.model_dump(), **parse_changes(budget, text)})
    except ValidationError as error:
        raise ConfigError(describe_errors(f"--budget {text}", error, BudgetSettings)) from error
    except ValueError as error:
        raise ConfigError(f"--budget {text}: {error}.") from error


def end_of_budget(reader: Reader, run: str) -> Event | None:
    """Return the event that records the end of the budget; None if the budget has not ended."""
    return next(reader.read(run, kinds=("budget.exhausted",)), None)
