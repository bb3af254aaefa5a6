"""The command `why`."""

from collections.abc import Sequence
from dataclasses import dataclass

import click
from rich.console import Console
from rich.text import Text

from ...agents.messages.base import plural
from ...storage.place import Place
from ..console.how_made import how_made
from ..console.visible import harmless, one_line
from ..projections.example_history import example_history
from ..projections.experience.fold import read_experience
from ..projections.experience.sentences import NamedExample, ToldSentence, sentences_of_prompt
from ..projections.history import RunHistory, read_history
from ..projections.prompt_history import PromptHistory, prompt_history
from ..projections.prompt_origin import PromptOrigin
from ..projections.target_view import for_target
from .diff_text import diff_prompts
from .log_reading import open_log
from .options import json_option, log_option, log_path, run_argument, target_option
from .output import fields, print_document
from .screen import open_screen
from .why_example import print_example

_MOST_EXAMPLES = 6
"""Most examples of a sentence that are named on the screen."""


@dataclass(frozen=True, slots=True)
class WhyDocument(PromptHistory):
    """A prompt, its origin, and what happened to it, in order."""

    run: str
    sentences: tuple[ToldSentence, ...]
    """Its sentences, with the event that brought each, its worth in the run, and the examples it changed."""


@click.command
@run_argument
@click.argument(
    "prompt",
    default="best",
    help='The id of a prompt, or the beginning of it; by default "best", the prompt to use.',
)
@click.option("--example", help="Show the model's answer to the example with this id instead.")
@target_option
@log_option
@json_option
def why(
    run: str, prompt: str, example: str | None, target: str | None, log: Place | None, json: bool
) -> None:
    """Explain one prompt: its origin, its scores and its fate."""
    with open_log(log_path(log, run)) as whole:
        name = whole.resolve(run)
        reader = for_target(whole, name, target)
        history = read_history(reader, name)
        id_ = history.prompt(prompt).id
        if example is not None:
            print_example(history.run, example_history(history, reader, id_, example), as_json=json)
            return
        experience = read_experience([reader], history.run)
    found = prompt_history(history, id_)
    sentences = sentences_of_prompt(experience, history.run, found.text)
    if json:
        print_document("why", WhyDocument(**fields(found), run=history.run, sentences=sentences))
    else:
        _print_prompt(history, found, sentences)


def _print_prompt(history: RunHistory, prompt: PromptHistory, sentences: Sequence[ToldSentence]) -> None:
    """Print the prompt, its origin, and its chapters with the seq of each."""
    console = open_screen()
    made = how_made(prompt.operator, prompt.changed)
    console.print(Text(f"{prompt.id} ({made}). {one_line(prompt.summary)}", style="bold"))
    console.print(_wording(history, prompt), end="\n\n")
    if prompt.making is not None:
        _print_origin(console, prompt.making)
    if len(sentences) > 1 or any(one.changed for one in sentences):
        _print_sentences(console, sentences)
    for chapter in prompt.chapters:
        when = f"{chapter.clock:8.1f} s  seq {chapter.seq:<7} "
        console.print(Text.assemble((when, "dim"), one_line(chapter.text)), soft_wrap=True)


def _print_sentences(console: Console, sentences: Sequence[ToldSentence]) -> None:
    """Print each sentence with the event that brought it, its worth in points, and what it changed."""
    console.print("Its sentences, with the change that each brings in points:", style="dim")
    for one in sentences:
        worth = "not answered" if one.mean is None else f"{100 * one.mean:+.1f} ± {100 * (one.sd or 0):.1f}"
        basis = f"n {one.examples}, seq {one.seq or '?'}"
        line = Text.assemble((f"{worth:>14}  {basis:<20} ", "dim"), one_line(one.sentence))
        console.print(line, soft_wrap=True)
        if changed := _changed(one):
            console.print(Text(f"{'':17}{changed}", style="dim"), soft_wrap=True)
    console.print()


def _changed(sentence: ToldSentence) -> str:
    """Return which examples a sentence fixed and broke, against prompts that differ in it; "" if none did."""
    found = sentence.changed
    if found is None:
        return ""
    among = (
        f"of {plural(found.examples, 'example')} in {plural(found.pairs, 'pair')} of a prompt and its parent"
    )
    others = "" if found.alone else ", which differ in other words, too"
    if not found.fixed and not found.broke:
        return f"changed none {among}{others}"
    lists = (("fixed", sentence.fixed), ("broke", sentence.broke))
    parts = [f"{what} {len(names)}{_names(names)}" for what, names in lists]
    return f"{'; '.join(parts)}; {among}{others}; p {found.p:.2g} if by chance"


def _names(examples: Sequence[NamedExample]) -> str:
    shown = ", ".join(one_line(f"{one.task}/{one.example}") for one in examples[:_MOST_EXAMPLES])
    more = len(examples) - _MOST_EXAMPLES
    return f" ({shown}{f' and {more} more' if more > 0 else ''})" if shown else ""


def _wording(history: RunHistory, prompt: PromptHistory) -> Text:
    parent = next((history.candidates[id_] for id_ in prompt.parents if id_ in history.candidates), None)
    if parent is None:
        return Text(harmless(prompt.text))
    changes = diff_prompts(parent.text, prompt.text, history.state.texts)
    return Text.assemble((f"Compared with {parent.id}: ", "dim"), "\n" if prompt.changed else "", changes)


def _print_origin(console: Console, origin: PromptOrigin) -> None:
    for parent in origin.parents:
        console.print(f"Parent {parent.id}: {parent.score}/100 on {parent.examples} examples at that time")
    if origin.blamed:
        shares = ", ".join(f"{one_line(name)} {share:.0%}" for name, share in origin.blamed.items())
        console.print(f"Traces of the failures pointed to {shares}", markup=False)
    if origin.call is not None:
        console.print(f"Written by the model in the call at seq {origin.call}", end="")
        console.print(f", which was shown {len(origin.mistakes)} mistakes:" if origin.mistakes else ".")
    for mistake in origin.mistakes:
        answer = "nothing readable" if mistake.answered is None else repr(one_line(mistake.answered))
        wanted = one_line(mistake.wanted or "")
        line = f"  {mistake.task} / {mistake.example}: {answer} instead of {wanted!r}"
        console.print(Text(line), soft_wrap=True)
    console.print()
