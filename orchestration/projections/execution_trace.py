"""The trace of one execution of a program: every call that it made, and what it has noted, in order."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ...agents.call_events import module_of
from ...agents.messages.scores import TraceStep
from ...agents.models.base import ModelReply
from ...agents.programs.request import read_executed
from ...agents.programs.trace import CUT_OFF
from ...agents.upcasting import UPCASTERS
from ...prompts.content_parts import stored_text
from ...storage.event import Event
from ...storage.reader import Reader
from .module_costs import REDACTED
from .trace_records import ExecutionTrace, TracedStep


def read_trace(reader: Reader, request: Event) -> ExecutionTrace:
    """Return the trace of the execution that `request` demands, as far as the log has it."""
    run = request.run
    asked = _payload(request)
    given = _given(asked)
    ended = reader.caused_by(run, request.id, "call.finished")
    outcome = _payload(ended) if ended else {}
    error = "" if ended else _failure(reader, request)
    reused = outcome.get("reused")
    made_in = outcome.get("reused_from") or run
    made = reader.all_caused_by(made_in, reused or request.id, "call.requested")
    calls = [_call(reader, event, listed=made_in == run) for event in made]
    output, noted = _output(outcome)
    return ExecutionTrace(
        seq=request.seq,
        about=str(asked.get("about", REDACTED)),
        row=None if given is None else given["row"],
        prompts={} if given is None else given["prompts"],
        steps=tuple(_with_notes(calls, noted)),
        output=output,
        error=error,
        reused=bool(reused),
    )


def _given(asked: dict[str, Any]) -> dict[str, Any] | None:
    """Return the row, as JSON, and the texts that an execution was given."""
    try:
        found = json.loads(stored_text(asked["request"]["messages"][-1]["content"]))
        texts = {str(name): str(text) for name, text in found["prompts"].items()}
        return {"row": json.dumps(found["row"], ensure_ascii=False), "prompts": texts}
    except (ValueError, TypeError, LookupError, AttributeError):
        return None  # Redacted, or not written by this program.


def _output(outcome: dict[str, Any]) -> tuple[str | None, tuple[TraceStep, ...]]:
    """Return the output of an execution as text, and the steps that were kept with it."""
    if not outcome:
        return None, ()
    try:
        executed = read_executed(ModelReply.model_validate(outcome["reply"]))
    except (ValueError, TypeError, LookupError):
        return str(outcome["reply"]["text"]), ()  # Not written by this program.
    return executed.text, executed.trace


def _call(reader: Reader, event: Event, *, listed: bool) -> TracedStep:
    asked = _payload(event)
    ended = reader.caused_by(event.run, event.id, "call.finished")
    outcome = _payload(ended) if ended else {}
    reply, reused = outcome.get("reply"), bool(outcome.get("reused"))
    error = "" if ended else _failure(reader, event)
    if reply and reply["finish"] == "length":
        error = CUT_OFF
    return TracedStep(
        module=module_of(asked.get("about", "")) or REDACTED,
        what=str(asked.get("model", REDACTED)),
        call=True,
        seq=event.seq if listed else None,
        asked=_turns(asked["request"]["messages"]) if asked else None,
        replied=_said(reply) if reply else None,
        error=error,
        prompt_tokens=reply["prompt_tokens"] if reply and not reused else 0,
        completion_tokens=reply["completion_tokens"] if reply and not reused else 0,
        latency=outcome.get("latency", 0.0) if not reused else 0.0,
        reused=reused,
    )


def _with_notes(calls: Sequence[TracedStep], steps: Sequence[TraceStep]) -> Iterator[TracedStep]:
    """Yield the calls in order, each followed by what was noted before the next one had ended.

    The steps of an output are in the order in which they ended; of calls they hold less than the log. If the
    log has no calls, because the program makes its own, the steps are all there is.
    """
    if not calls:
        yield from map(_step, steps)
        return
    roles = {call.what for call in calls}
    at = 0
    left_out = next((n for n, step in enumerate(steps) if step.model == "..."), None)
    for n, step in enumerate(steps):
        if step.model in roles:
            yield from calls[at : at + 1]
            at += 1
            continue
        if n == left_out:
            rest = sum(one.model in roles for one in steps[n + 1 :])
            yield from calls[at : len(calls) - rest]
            at = max(at, len(calls) - rest)
            continue
        yield _step(step)
    yield from calls[at:]


def _step(step: TraceStep) -> TracedStep:
    """Return a step that only the output of an execution holds."""
    return TracedStep(
        module="+".join(step.texts),
        what=step.model,
        call=False,
        asked=step.asked or None,
        replied=step.reply or None,
        error=step.error,
        prompt_tokens=step.tokens,
    )


def _turns(messages: Sequence[dict[str, Any]]) -> str:
    return "\n\n".join(f"[{turn['role']}] {stored_text(turn['content'])}" for turn in messages)


def _said(reply: dict[str, Any]) -> str:
    calls = [f"{call['name']}({call['arguments']})" for call in reply.get("tool_calls") or ()]
    return "\n".join([*([reply["text"]] if reply["text"] else []), *calls])


def _failure(reader: Reader, request: Event) -> str:
    """Return the last error of a call without a reply; "" if none is in the log."""
    failed = reader.all_caused_by(request.run, request.id, "call.failed")
    return str(_payload(failed[-1]).get("error", REDACTED)) if failed else ""


def _payload(event: Event) -> dict[str, Any]:
    """Return the payload of an event; {} if it was redacted."""
    return dict(UPCASTERS.payload(event)) if event.data else {}
