"""The trace of one execution of a program: every call that it made, and what it has noted, in order."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...agents.messages.scores import TraceStep
from ...agents.models.base import ModelReply
from ...agents.programs.request import read_executed
from ...agents.programs.trace import CUT_OFF
from ...agents.upcasting import UPCASTERS
from ...prompts.content_parts import stored_text
from ...storage.event import Event
from ...storage.reader import Reader
from .executions import is_execution, module_of
from .module_costs import REDACTED


@dataclass(frozen=True, slots=True)
class TracedStep:
    """A model call of a program, or what the program has noted."""

    module: str
    """Names of the texts that it rests on, joined by "+"; the role asked, or "" for a note, if on none."""
    what: str
    """Role whose model was asked, or what the step is if it was no call, such as "search"."""
    call: bool
    """False for a note."""
    seq: int | None = None
    """Seq of the request; None for a note, and for a call that is not in this log."""
    asked: str | None = None
    """Turns of the request; None for a note, or if they were redacted."""
    replied: str | None = None
    """Text of the reply and its calls of tools, or what was noted; None if there is none."""
    error: str = ""
    """Why there is no reply, or what is wrong with it."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    latency: float = 0.0
    """Seconds; 0 for a reused reply."""
    reused: bool = False

    @property
    def tokens(self) -> int:
        """Tokens of request and reply."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class ExecutionTrace:
    """One execution of a program on one example."""

    seq: int
    """Seq of the request to run the program."""
    about: str
    """Prompt and example."""
    row: str | None
    """What the program was given, as JSON; None if it was redacted or cannot be read."""
    prompts: dict[str, str]
    """Name -> text of the prompt; empty if it was redacted or cannot be read."""
    steps: tuple[TracedStep, ...]
    output: str | None
    """None if there is none, or if it was redacted."""
    error: str
    """Why there is no output; "" if there is one, or none yet."""
    reused: bool
    """True if an earlier execution had the same request, and its output was taken."""

    @property
    def contributions(self) -> dict[str, tuple[int, int, float]]:
        """Calls, tokens and seconds by module, in the order of the first call."""
        found: dict[str, tuple[int, int, float]] = {}
        for step in self.steps:
            if step.call:
                calls, tokens, seconds = found.get(step.module, (0, 0, 0.0))
                found[step.module] = calls + 1, tokens + step.tokens, seconds + step.latency
        return found


def execution_of(reader: Reader, event: Event) -> Event | None:
    """Return the request to run a program that a call event belongs to; None if it belongs to none.

    It is the event itself, or the one that has led to it: an execution has an outcome and inner calls, and
    these have outcomes.
    """
    found: Event | None = event
    for _ in range(3):
        if found is None or not found.kind.startswith("call."):
            return None
        if found.kind == "call.requested" and is_execution(found):
            return found
        found = next(iter(reader.with_ids(event.run, [found.cause])), None) if found.cause else None
    return None


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
