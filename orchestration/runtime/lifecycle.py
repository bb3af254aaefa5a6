"""Start a run, resume it, or re-enact it from its log."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ...agents.messages import Message, RunStarted
from ...agents.messages.codec import encode
from ...storage.errors import UnknownRun
from ...storage.event import Event
from ...storage.log import EventLog
from ...storage.opening import open_reader
from ...storage.place import Place
from ...storage.redaction import PayloadRedacted, is_redacted
from ..budget.tracker import Terms, check_affordable
from ..calls.model_pool import ModelPool
from ..calls.prefix_cache import report_cache_hits
from ..calls.reply_cache import ancestors
from ..config.budget_settings import BudgetSettings
from ..config.functions import with_functions
from ..config.settings import Config
from ..errors import OrchestrationError, ReplayDivergence, RoleChanged
from ..trust.consent import NO_CONSENT, Consent
from ..trust.demands import all_demands
from ..trust.records import remember
from .admission import admit
from .assembly import host_for, models_for, new_run_name, opening, terms_for, versions
from .engine import HandlerError, RunEngine
from .garbage_collection import existing_objects_exempt
from .live_run import LiveRun
from .own_parts import NO_PARTS, OwnParts
from .recorded_run import RunVerdict
from .role_loader import role_versions

Watcher = Callable[[Event], None]


def _discard(_text: str) -> None:
    """Ignore remarks."""


async def start(
    config: Config,
    folder: Path,
    log_path: Place,
    watch: Watcher,
    *,
    accept_unreadable: bool = False,
    say: Callable[[str], None] = _discard,
    own: OwnParts = NO_PARTS,
) -> tuple[str, RunVerdict]:
    """Run `config`, whose task files are in `folder`; return the run's name and its verdict.

    `watch` is called with every event once it is committed, `say` with remarks that are not in the log.
    Raises `RunStopped` if the run fails, also if hardly any answer can be read, unless `accept_unreadable`.
    """
    config = with_functions(config.for_new_run(), folder)
    return await begin(
        config,
        lambda pool: opening(config, folder, pool, say),
        log_path,
        watch,
        accept_unreadable=accept_unreadable,
        say=say,
        own=own,
    )


async def begin(
    config: Config,
    open_with: Callable[[ModelPool], list[Message]],
    log_path: Place,
    watch: Watcher,
    *,
    accept_unreadable: bool = False,
    say: Callable[[str], None] = _discard,
    own: OwnParts = NO_PARTS,
    name: str | None = None,
    further: Place | None = None,
) -> tuple[str, RunVerdict]:
    """Run `config` as `start` does, with the opening messages that `open_with` returns for its models.

    The run gets the `name`, or else a new one. With `config.reuse` it also reuses replies of a `further` log.
    """
    async with models_for(config, own) as pool, report_cache_hits(pool, say):
        messages = open_with(pool)
        if config.budget.limits:
            await pool.load_tokenizers()
        check_affordable(terms_for(config), messages, pool)
        run = name or new_run_name(config)
        # Before the first event is written, so that a run that is killed immediately can be resumed.
        failure = remember(run, encode(messages[0]), config)
        if failure and all_demands(config):
            say(failure)
        terms = terms_for(config, further=further, accept_unreadable=accept_unreadable)
        return run, await _drive(config, log_path, run, pool, watch, terms, messages)


async def resume(
    log_path: Place,
    name: str,
    watch: Watcher,
    *,
    budget: BudgetSettings | None = None,
    accept_unreadable: bool = False,
    say: Callable[[str], None] = _discard,
    consent: Consent = NO_CONSENT,
    own: OwnParts = NO_PARTS,
    further: Place | None = None,
) -> tuple[str, RunVerdict]:
    """Continue a run that was killed or failed; return its name and its verdict.

    No call that has a reply is made again; `further` is as in `begin`. A `budget` replaces the limits of the
    run. If the budget has ended already, use `lineage.extend` first. Raises `RunStopped` if the run fails,
    also if hardly any new answer can be read, unless `accept_unreadable`. Raises `NotApproved` as `admit`
    does.
    """
    with open_reader(log_path) as reader:
        run = reader.resolve(name)
        config, started = admit(reader, run, consent, calls=True)
    async with models_for(config, own) as pool, report_cache_hits(pool, say):
        _check_same_models(started, pool)
        # Estimates are kept up while the log is applied again, even without a limit.
        await pool.load_tokenizers()
        terms = terms_for(
            config, _ancestors(log_path, run), further=further, accept_unreadable=accept_unreadable
        )
        with blame_changed_roles(config, started):
            return run, await _drive(config, log_path, run, pool, watch, terms, None, budget)


async def reenact(
    log_path: Place,
    name: str,
    watch: Watcher,
    *,
    to: int | None = None,
    consent: Consent = NO_CONSENT,
) -> int:
    """Run every handler again over the log and compare each message byte for byte; make no call.

    With `to`, stop after the event with that seq. Returns the number of events.

    Raises:
        ReplayDivergence: A message differs.
        LogDamaged: The log does not verify up to the last event.
        PayloadRedacted: A payload was redacted.
        UnknownRun: The run begins after `to`.
        NotApproved: The run has roles of its own, and is not approved here.
    """
    with open_reader(log_path) as reader:
        run = reader.resolve(name)
        config, started = admit(reader, run, consent, calls=False)
        engine = RunEngine(await host_for(config.search_settings(), config.roles))
        count = 0
        for event in reader.verified(run):
            if to is not None and event.seq > to:
                break
            if is_redacted(event):
                raise PayloadRedacted(event)
            watch(event)
            count += 1
            # The log records what a handler raised in its next event.
            with suppress(HandlerError), blame_changed_roles(config, started):
                await engine.apply(event)
        if not count:
            raise UnknownRun(f"Run {run} has no event up to seq {to}: it begins later. Give a later seq.")
    return count


async def _drive(
    config: Config,
    log_path: Place,
    run: str,
    pool: ModelPool,
    watch: Watcher,
    terms: Terms,
    messages: Sequence[Message] | None,
    budget: BudgetSettings | None = None,
) -> RunVerdict:
    """Start a run with its opening `messages`, or resume it if there are none."""
    log = await EventLog.open(log_path, run=run, keys=terms.others != ())
    try:
        engine = RunEngine(await host_for(config.search_settings(), config.roles))
        live = LiveRun(log, run, engine, pool, watch, terms)
        with existing_objects_exempt():
            if messages is None:
                return await live.resume({**versions(), **role_versions(config.roles)}, budget)
            return await live.start(messages)
    finally:
        await log.close()


@contextmanager
def blame_changed_roles(config: Config, started: RunStarted) -> Iterator[None]:
    """Turn a `ReplayDivergence` into `RoleChanged` if the code of a role differs from that of the log."""
    try:
        yield
    except ReplayDivergence as error:
        now = role_versions(config.roles)
        changed = [
            f"{role} is {now[role]} and was {started.versions[role]}"
            for role in now
            if started.versions.get(role, now[role]) != now[role]
        ]
        if not changed:
            raise
        raise RoleChanged(error, changed) from error


def _ancestors(log_path: Place, run: str) -> tuple[str, ...]:
    with open_reader(log_path) as reader:
        return ancestors(reader, run)


def _check_same_models(started: RunStarted, pool: ModelPool) -> None:
    """Raise an error if a model has changed: answers of two models must not be mixed in one run."""
    for role, identity in pool.identities.items():
        recorded = started.models.get(role)
        if recorded != identity:
            raise OrchestrationError(
                f"The run was started with {recorded} as the {role}'s model; here that model is {identity}. "
                "Provide the same model, or start a new run."
            )
