"""Output of `why --example`: the answers to one example."""

from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from ..console.formatting import number
from ..console.trace import trace_text
from ..console.visible import harmless, one_line
from ..projections.example_history import ExampleHistory, RecordedAnswer
from .output import fields, print_document, print_table
from .screen import open_screen

_OTHERS = 12
"""Number of other prompts whose answers are printed; --json has all of them."""


@dataclass(frozen=True, slots=True)
class ExampleDocument(ExampleHistory):
    """An example, the answers of one prompt's model to it, and the answers under the other prompts."""

    run: str


def print_example(run: str, example: ExampleHistory, *, as_json: bool) -> None:
    """Print the example, request and reply in full, and the answers under the other prompts."""
    if as_json:
        print_document("example", ExampleDocument(**fields(example), run=run))
        return
    console = open_screen()
    console.print(Text(f"{example.task} / {example.example}", style="bold"))
    if example.question != "":  # A program may be given other columns alone.
        console.print(Text(f"Question: {harmless(example.question or '(redacted)')}"))
    console.print(Text(f"Right answer: {harmless(example.wanted or '(redacted)')}"))
    for answer in example.answers:
        _print_answer(console, answer)
    if example.others:
        _print_others(console, example)


def _print_others(console: Console, example: ExampleHistory) -> None:
    console.print()
    rows = [
        [v.prompt, v.stage, _mark(v.correct), v.answer or "-", number(v.confidence)]
        for v in example.others[:_OTHERS]
    ]
    print_table(["other prompts", "stage", "", "answer", "confidence"], rows)
    if len(example.others) > _OTHERS:
        console.print(f"and {len(example.others) - _OTHERS} more (--json prints all of them)", style="dim")


def _print_answer(console: Console, answer: RecordedAnswer) -> None:
    console.print()
    title = f"{answer.prompt}, {answer.stage} stage ({answer.split}), asked at seq {answer.call}:"
    console.print(Text(title, style="bold"))
    if answer.trace is not None:
        console.print(trace_text(answer.trace))
        console.print(Text(_reading(answer)))
        return
    console.print(Text(harmless(answer.asked or "(redacted)"), style="dim"))
    console.print(Text("Reply:", style="bold"))
    if answer.likelihoods is not None:
        ranked = sorted(answer.likelihoods.items(), key=lambda pair: -pair[1])
        print_table(["option", "log-likelihood"], [[option, f"{value:.3f}"] for option, value in ranked])
    else:
        console.print(Text(harmless(answer.replied or "(none)")))
    console.print(Text(_reading(answer)))


def _reading(answer: RecordedAnswer) -> str:
    time = "reused" if answer.reused else f"{answer.latency:.2f} s"
    return (
        f"Read as {one_line(answer.answer or 'nothing')!r}, confidence {number(answer.confidence)}: "
        f"{_mark(answer.correct)}. {answer.prompt_tokens}+{answer.completion_tokens} tokens, {time}."
    )


def _mark(correct: bool | None) -> str:
    return {True: "right", False: "wrong", None: "not scored"}[correct]
