"""The trace of a program's execution as text: each call with its module, cost, request and reply."""

from collections.abc import Collection, Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from ...agents.call_events import module_names
from ...prompts.shortening import shorten
from ..projections.trace_records import ExecutionTrace, TracedStep
from .formatting import row
from .visible import harmless, one_line


def trace_text(
    trace: ExecutionTrace, *, longest: int | None = None, modules: Collection[str] = ()
) -> RenderableType:
    """Return the steps of an execution, one below the other, and what each module has cost.

    Requests and replies are shortened to `longest` characters. With `modules` only steps that rest on one of
    these texts are shown.
    """
    parts: list[RenderableType] = [Text(f"given {_shown(trace.row or '(redacted)', longest)}", style="dim")]
    for number, step in enumerate(trace.steps, 1):
        if not modules or not set(module_names(step.module)).isdisjoint(modules):
            parts += _step(number, step, longest)
    parts += _end(trace, longest)
    return Group(*parts)


def _step(number: int, step: TracedStep, longest: int | None) -> Iterator[RenderableType]:
    title = one_line(step.module or step.what)
    yield Text()
    if not step.call:
        on = f" ({title})" if step.module else ""
        yield row((f"{number}. {one_line(step.what)}{on}", "bold yellow"))
    else:
        yield row((f"{number}. {title}", "bold"), f"  {_facts(step)}")
        yield Text(_shown("(redacted)" if step.asked is None else step.asked, longest), style="dim")
    if step.replied is not None:
        yield Text(("-> " if step.call else "") + _shown(step.replied, longest))
    if step.error:
        yield Text(harmless(step.error), style="red")
    elif step.call and step.replied is None:
        yield Text("no reply yet", style="dim")


def _facts(step: TracedStep) -> str:
    """Return who was asked, at what cost, and where it stands in the log."""
    time = "reused" if step.reused else f"{step.latency:.2f} s"
    seq = "" if step.seq is None else f", seq {step.seq}"
    return f"{one_line(step.what)}'s model, {step.prompt_tokens}+{step.completion_tokens} tokens, {time}{seq}"


def _end(trace: ExecutionTrace, longest: int | None) -> Iterator[RenderableType]:
    yield Text()
    if trace.output is not None:
        how = " (reused from an earlier execution)" if trace.reused else ""
        yield Text.assemble((f"output{how}: ", "bold"), _shown(trace.output, longest))
    else:
        yield Text(harmless(trace.error) or "no output yet", style="red" if trace.error else "dim")
    shares = [
        f"{one_line(module)} {calls} x, {tokens:,} tokens, {seconds:.2f} s"
        for module, (calls, tokens, seconds) in trace.contributions.items()
    ]
    if shares:
        yield Text("; ".join(shares), style="dim")


def _shown(text: str, longest: int | None) -> str:
    return harmless(text if longest is None else shorten(text, longest))
