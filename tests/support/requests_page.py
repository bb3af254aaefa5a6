"""Write docs/requests.md: what a writing model was shown before, and what it is shown now.

    PYTHONPATH=benchmarks python tests/support/requests_page.py

The requests of today are those of a run on a simulated task, so each line of the table is true.
"""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
from harbour_run import RUN, sail

from transfer_prompting.storage.sqlite.reader import LogReader

PAGE = Path(__file__).parents[2] / "docs/requests.md"
_LONGEST = 110
"""Most characters of a quotation in the table."""

BEFORE = """\
Your job is to write an instruction that makes a language model do a task well. The instruction is put before
each input.

Task: Messages reach a harbour office, and each is handled by one of its desks. Name that desk. Possible
answers: pilots, customs, berths, claims.

This instruction has a score from 0 to 100:
<instruction score="66">Say which desk should answer the message. Do not be hurried.</instruction>

With it, the model got these inputs wrong:
Input: Case 70984: A clerk of the Umbra writes about a waste oil. The place is underlined.
Its answer: pilots
Right answer: customs
(four more)

Say in one sentence what the instruction lacks. Then write an improved one: keep what works, and add the
general rule that these inputs call for. The instruction must not contain the answer to any single input.
Write it between <instruction> and </instruction>.
"""
"""A request for a reflection as the version before wrote it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that a strong model missed in its requests."""

    missing: str
    before: str
    pattern: str
    """Regular expression that today's requests match; its first match is quoted."""
    operator: str = "reflection"


ROWS = (
    Row(
        "scores on common examples, with their number",
        "scores of different examples side by side",
        r'gain="[+-]\d+ points on \d+ shared examples"',
        "history",
    ),
    Row("prompts that were stopped early", "not marked", r"One that was stopped early[^:]*", "history"),
    Row("answer counts beside gold counts", "none", r"\| answer \| given \| right \|\n.*\n(\|.*\|)"),
    Row("the constant answer", "none", r'Always answering "\w+" would be right on \d+ of 100 examples\.'),
    Row("confusions", "none", r'- \d+ times? "\w+" where "\w+" is right'),
    Row("the literal request", "none", r"This is what the model is sent for one input"),
    Row("the scored model", "none", r"The model is [^.]+\."),
    Row("how the answer is read", "none", r"Its answer is read from its reply[^.]*"),
    Row("how the score is made", '"a score from 0 to 100"', r"a score is the mean over the examples[^.]*"),
    Row("value and rank of the parent", "its score", r"It is number \d+ of the \d+ tried so far"),
    Row("successes", "none", r"It got these right:"),
    Row(
        "an example of each label",
        "three random ones, at times",
        r"Further inputs with the right answers:",
    ),
    Row("history in every request", "in one of five", r"Other instructions tried before[^:]*"),
    Row(
        "a direction for each sibling",
        "none",
        r"Above all, [^.]*|Begin from nothing[^.]*|Look for the one[^.]*",
    ),
    Row("a length limit", "none", r"Use at most \d+ words\."),
    Row("a way to doubt a gold", "none", r'<doubtful example="NUMBER"'),
)

_HEAD = """# What the proposer sees

A prompt is written by a model that gets one request for it. A *full* request, for a model at an endpoint,
shows all that is known; a *brief* one, for a small model in this process, shows the parent with some mistakes
alone (`search.briefing`). The words are in `prompts/templates/`; what is shown is chosen in
`agents/operators/` and `agents/search/shown_history.py`.

- Failing examples come with the whole reply (its middle left out if it is long), all golds, and the feedback
  of each metric. Their golds take turns, near misses are among them, and so are the worst examples of each
  further metric. The requests of one step show different examples, and each gives another direction.
- A score is on the scale of the best prompt: its score plus the gain on the examples that both have answered,
  from eight shared examples on. The best of your own prompts is always in the history.
- The examples of a request have 12,000 characters together; a single input has 1,500 at most.
- For one text of a program, each failing example shows its trace: the steps that rest on this text whole, the
  others in one line each. The request names the text to write, and shows the others in short.

## Doubtful golds

The model may say that the right answer of an example looks wrong. Nothing changes in the run: each doubt is a
`gold.doubted` message, `tp show` and the report count and list them, and `tp audit RUN` writes them to a file
to correct. `tp audit TASK --config FILE` asks a model about each training and development example, without a
run.

## Before and now

The right column quotes requests of a run on a simulated task.

| a strong model missed | before | now |
|---|---|---|
"""


def requests(log: Path, run: str = RUN) -> dict[str, list[str]]:
    """Return the requests to the reference agent's model in a log, by the operator that wrote them."""
    found: dict[str, list[str]] = {}
    with LogReader(log) as reader:
        for event in reader.read(run):
            data = orjson.loads(event.data) if event.kind == "call.requested" else {}
            if operator := re.search(r"proposal \d+ \((\w+)\)$", data.get("about", "")):
                text = data["request"]["messages"][0]["content"]
                found.setdefault(operator[1], []).append(text)
    return found


def quotation(row: Row, asked: dict[str, list[str]]) -> str | None:
    """Return what today's requests say; None if none of them says it."""
    for text in asked.get(row.operator, ()):
        if found := re.search(row.pattern, text):
            said = found[found.lastindex or 0]
            return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}..."
    return None


def requests_page(log: Path) -> str:
    """Return the text of docs/requests.md."""
    asked = requests(log)
    lines = []
    for row in ROWS:
        said = (quotation(row, asked) or "").replace("|", "\\|")
        lines.append(f"| {row.missing} | {row.before} | `{said}` |")
    now = max(asked["reflection"], key=lambda text: text.count("\n- ") + text.count("<tried"))
    return (
        _HEAD
        + "\n".join(lines)
        + f"\n\nA request for a reflection, before:\n\n```text\n{BEFORE}```\n\n"
        + f"and now:\n\n```text\n{now}\n```\n"
    )


def main() -> None:
    """Make a run and write the page."""
    with TemporaryDirectory() as folder:
        PAGE.write_text(requests_page(asyncio.run(sail(Path(folder), steps=3))), encoding="utf-8")


if __name__ == "__main__":
    main()
