"""The command `cost`."""

from dataclasses import dataclass

import click

from ...storage.place import Place
from ..console.formatting import number
from ..projections.cost_breakdown import (
    ModuleCost,
    RoleCost,
    StageCost,
    TimeShare,
    by_module,
    by_role,
    by_stage,
    time_shares,
)
from ..projections.history import RunHistory, read_history
from .log_reading import open_log
from .options import json_option, last_run_argument, log_option, log_path
from .output import print_document, print_table

_ROLES = (
    "role",
    "calls",
    "reused",
    "cut",
    "failed",
    "tok in",
    "tok out",
    "money",
    "busy s",
    "mean s",
)

_MODULES = ("module", "calls", "reused", "failed", "tok in", "tok out", "money", "seconds", "mean s")


@dataclass(frozen=True, slots=True)
class CostDocument:
    """The costs of a run by role, by module and by stage, and the use of its time; times in seconds."""

    run: str
    seconds: float
    roles: list[RoleCost]
    modules: list[ModuleCost]
    """Calls of programs by the texts that they rest on; empty without a program."""
    executions: int
    """Programs that have run to their end on an example."""
    stages: list[StageCost]
    time: list[TimeShare]


@click.command
@last_run_argument
@log_option
@json_option
def cost(run: str, log: Place | None, json: bool) -> None:
    """Show what a run cost and where its time went.

    Costs are listed by role and by stage, those of a program also by module: by the texts that its calls rest
    on.
    """
    with open_log(log_path(log, run)) as reader:
        print_cost(read_history(reader, reader.resolve(run)), as_json=json)


def print_cost(history: RunHistory, *, as_json: bool) -> None:
    """Print tables: costs by role, module and stage, and time by the roles whose calls were running."""
    found = CostDocument(
        run=history.run,
        seconds=history.state.elapsed,
        roles=by_role(history),
        modules=by_module(history.state.spending),
        executions=history.state.calls.executions,
        stages=by_stage(history),
        time=time_shares(history),
    )
    if as_json:
        print_document("cost", found)
        return
    print_table(_ROLES, [_role_row(role) for role in found.roles])
    if found.modules:
        print()
        print_table(_MODULES, [_module_row(module) for module in found.modules])
        print(f"{found.executions:,} executions of programs")
    print()
    stages = [[s.stage, f"{s.calls:,}", f"{s.tokens:,}", f"{s.seconds:.1f}"] for s in found.stages]
    print_table(["stage", "calls", "tokens", "seconds"], stages)
    print()
    whole = max(found.seconds, 1e-6)
    times = [
        [" and ".join(s.roles) or "none", f"{s.seconds:.1f}", f"{100 * s.seconds / whole:.0f} %"]
        for s in found.time
    ]
    print_table(["calls under way", "seconds", "share"], times)


def _role_row(cost: RoleCost) -> list[object]:
    return [
        cost.role,
        f"{cost.calls:,}",
        f"{cost.reused:,}",
        f"{cost.cut:,}",
        cost.failures,
        f"{cost.prompt_tokens:,}{_cached(cost)}",
        f"{cost.completion_tokens:,}",
        number(cost.money, 4),
        f"{cost.busy:.1f}",
        f"{cost.latency / max(1, cost.calls - cost.reused):.3f}",
    ]


def _module_row(cost: ModuleCost) -> list[object]:
    return [
        cost.module,
        f"{cost.calls:,}",
        f"{cost.reused:,}",
        cost.failures,
        f"{cost.prompt_tokens:,}",
        f"{cost.completion_tokens:,}",
        number(cost.money, 4),
        f"{cost.seconds:.1f}",
        f"{cost.seconds / max(1, cost.calls - cost.reused):.3f}",
    ]


def _cached(cost: RoleCost) -> str:
    """Return the share of cached tokens; nothing if there are none, or if the server does not report them."""
    return f" ({cost.cached_tokens / cost.prompt_tokens:.0%} cached)" if cost.cached_tokens else ""
