"""Output of `show RUN PROMPT`: every measure of one prompt."""

from ...agents.call_events import CALL_KINDS
from ...agents.messages.scores import Measure
from ...storage.hints import command
from ...storage.reader import Reader
from ..console.formatting import number
from ..console.visible import harmless
from ..errors import ConfigError
from ..projections.partial_decode import state_after
from .output import print_document, print_table
from .prompt_documents import PromptDocument, PromptMeasures


def print_prompt(reader: Reader, run: str, prompt: str, *, as_json: bool) -> None:
    """Print every measure of a prompt, stage by stage. Raise `ConfigError` if the run has no such prompt."""
    state = state_after(reader.read(run, without=CALL_KINDS))
    found = {stage: board.rows[prompt] for stage, board in state.leaderboards.items() if prompt in board.rows}
    if not found:
        raise ConfigError(
            f"Run {run} has no event and no prompt {prompt!r}. `{command('show', run)}` lists the prompts."
        )
    if as_json:
        stages = {stage: PromptMeasures.model_validate(row.as_json()) for stage, row in found.items()}
        print_document("prompt", PromptDocument.model_validate({"run": run, "id": prompt, "stages": stages}))
        return
    rows = [
        [f"{stage}{split}", name, number(measure.value, 3), _interval(measure), measure.n]
        for stage, row in found.items()
        for split, vector in (("", row.vector()), (", held-out", row.final.measures if row.final else {}))
        for name, measure in vector.items()
    ]
    print_table(["stage", "measure", "value", "95 % interval", "n"], rows)
    print(f"\n{harmless(next(iter(found.values())).candidate.text)}")


def _interval(measure: Measure) -> str:
    if measure.low is None or measure.high is None:
        return ""
    return f"{measure.low:.3f} to {measure.high:.3f}"
