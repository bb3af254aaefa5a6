"""What `show` prints: the outcome of a run, or one message in full."""

from rich.console import Console
from rich.json import JSON
from rich.text import Text

from ...agents.call_events import CALL_KINDS
from ...agents.messages.codec import decode
from ...agents.messages.scores import Measure
from ...storage.event import Event
from ...storage.reader import Reader
from ..console.formatting import harmless, number
from ..console.result import outcome
from ..errors import ConfigError
from ..projections.partial_decode import state_after
from ..projections.run_state import RunState
from .documents import print_document
from .tables import print_table


def print_event(event: Event, *, as_json: bool) -> None:
    """One message in full."""
    message = decode(event).model_dump(mode="json")
    envelope = {
        "seq": event.seq,
        "run": event.run,
        "version": event.version,
        "id": event.id,
        "kind": event.kind,
        "message_schema": event.schema,
        "sender": event.sender,
        "recipients": list(event.recipients),
        "cause": event.cause,
        "time": event.time.isoformat(),
        "hash": event.hash.hex(),
    }
    if as_json:
        print_document("event", {**envelope, "message": message})
        return
    console = Console()
    for key, value in envelope.items():
        console.print(Text.assemble((f"{key:>14}  ", "dim"), str(value)), soft_wrap=True)
    console.print(JSON.from_data(message), soft_wrap=True)


def print_prompt(reader: Reader, run: str, prompt: str, *, as_json: bool) -> None:
    """Every measure of one prompt, stage by stage. Raises `ConfigError` where the run has no such prompt."""
    view = state_after(reader.read(run, without=CALL_KINDS))
    found = {stage: board.rows[prompt] for stage, board in view.leaderboards.items() if prompt in board.rows}
    if not found:
        raise ConfigError(
            f"Run {run} has no message and no prompt {prompt!r}. `tp show {run}` lists prompts."
        )
    if as_json:
        stages = {stage: row.as_json() for stage, row in found.items()}
        print_document("prompt", {"run": run, "id": prompt, "stages": stages})
        return
    rows = [
        [f"{stage}{split}", name, number(measure.value, 3), _ends(measure), measure.n]
        for stage, row in found.items()
        for split, vector in (("", row.vector()), (", held-out", row.final.measures if row.final else {}))
        for name, measure in vector.items()
    ]
    print_table(["stage", "measure", "value", "95 % interval", "n"], rows)
    print(f"\n{harmless(next(iter(found.values())).candidate.text)}")


def _ends(measure: Measure) -> str:
    if measure.low is None or measure.high is None:
        return ""
    return f"{measure.low:.3f} to {measure.high:.3f}"


def print_outcome(view: RunState, *, as_json: bool) -> None:
    """The prompts of a run with their score vectors, and the verdict."""
    if as_json:
        print_document("run", view.as_json())
        return
    console = Console()
    console.print(outcome(view))
    console.print(_costs(view), style="dim", soft_wrap=True, highlight=False)


def _costs(view: RunState) -> str:
    """What the run has cost, and what it has not, in one line."""
    calls, spending = view.calls, view.spending
    said = [f"{calls.finished:,} replies, {spending.prompt_tokens + spending.completion_tokens:,} tokens"]
    if spending.cached:
        said.append(f"{spending.cached:.0%} of the prompts' tokens found in a cache")
    if calls.reused:
        said.append(f"{calls.reused:,} of the replies reused, {calls.saved_tokens:,} tokens saved")
    if calls.failed:
        said.append(f"{calls.failed:,} failed calls, {view.excluded:,} examples excluded")
    if spending.limits:
        ended = f", and the search ended at its {spending.ended}" if spending.ended else ""
        said.append(f"budget used: {spending.words(view.elapsed)}{ended}")
    return "; ".join(said) + "."
