"""Admit a recorded run: only what the user has approved is loaded, read or connected to."""

from collections.abc import Sequence

from ...agents.messages import RunStarted
from ...storage.reader import Reader
from ..config.settings import Config
from ..errors import ConfigError
from ..trust.consent import Consent
from ..trust.demands import Demand, all_demands, role_demands
from ..trust.records import is_approved, remember, was_approved
from ..trust.refusal import approval, refusal
from .recorded_run import opening_event, read_recorded


def admit(reader: Reader, run: str, consent: Consent, *, calls: bool) -> tuple[Config, RunStarted]:
    """Return the configuration with which `run` may be carried out, and its opening message.

    With `calls` the run will ask its models; without, only its roles act again.

    Raises:
        NotApproved: The run was neither started nor approved here, and the user does not consent now.
        ConfigError: The user's own configuration describes another run.
    """
    config, started = read_recorded(reader, run)
    if consent.own is not None:
        return with_own(config, consent.own), started
    check_approved(reader, run, config, all_demands(config) if calls else role_demands(config), consent)
    return config, started


def check_approved(
    reader: Reader, run: str, config: Config, demands: Sequence[Demand], consent: Consent
) -> None:
    """Raise `NotApproved` if the log of `run` makes `demands` that the user has not approved.

    If the user consents now, the approval is recorded.
    """
    data = opening_event(reader, run).data
    if not demands or is_approved(run, data, config):
        return
    everything = all_demands(config)
    if not consent.trust:
        raise refusal(run, demands, changed=was_approved(run, data))
    consent.say(approval(run, everything))
    if failure := remember(run, data, config):
        consent.say(failure)


def with_own(recorded: Config, own: Config) -> Config:
    """Return `recorded` with the roles, metrics, programs and models of `own`.

    The prices stay those of the log, by which the run has counted its costs so far. Raise `ConfigError` if
    `own` is another run.
    """
    for what, theirs, ours in (
        ("source tasks", recorded.source.tasks, own.source.tasks),
        ("target tasks", _targets(recorded), _targets(own)),
        ("roles", sorted(recorded.roles), sorted(own.roles)),
        ("metric functions", sorted(recorded.functions), sorted(own.functions)),
        ("programs", sorted(recorded.programs), sorted(own.programs)),
    ):
        if theirs != ours:
            raise ConfigError(
                f"The configuration given does not describe this run: its {what} are {ours!r}, and those of "
                f"the run are {theirs!r}. Give the configuration with which the run was started."
            )
    prices = {role: model.price for role, model in recorded.models if model}
    models = {
        role: model.model_copy(update={"price": prices.get(role, model.price)})
        for role, model in own.models
        if model
    }
    code = {"roles": own.roles, "functions": own.functions, "programs": own.programs}
    return recorded.changed({"models": models, **code})


def _targets(config: Config) -> tuple[str, ...]:
    return tuple(target.task for target in config.all_targets)
