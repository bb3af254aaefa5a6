"""The commands `experience` and `experience export`."""

from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from ...storage.place import Place
from ..console.visible import one_line
from ..experience.pack import make_pack, pack_text
from ..projections.experience.document import ExperienceDocument, ModelExperience, document
from ..projections.experience.fold import Experience, read_experience
from ..projections.experience.group import Learned
from ..projections.experience.paired import PairedCounts
from .log_reading import open_log
from .options import PATH, json_option, log_option, log_path
from .output import print_document, print_table, write_text
from .screen import open_screen

_COLUMNS = ("points", "examples", "fixed, broke", "tasks", "runs", "brought by", "sentence")
_LEGEND = (
    "fixed, broke: examples on which a prompt with the sentence did better or worse than one without it, of "
    "which one was made from the other; ~ if other words changed, too."
)

__all__ = ["ExperienceDocument", "experience"]


@click.group(invoke_without_command=True)
@log_option
@click.option("--model", default="", metavar="NAME", help="Only models whose identity contains this text.")
@click.option("--kind", default="", metavar="TYPE", help="Only tasks with answers of this type.")
@click.option("--most", default=10, show_default=True, help="Greatest number of sentences in each list.")
@json_option
@click.pass_context
def experience(ctx: click.Context, log: Place | None, model: str, kind: str, most: int, json: bool) -> None:
    """Show what all runs of a log have taught about a model.

    Sentences of prompts are listed with what they are worth in points of the main metric, told from all
    answers to development examples, those of losing prompts included. `tp run --experience` uses them.
    """
    ctx.obj = log
    if ctx.invoked_subcommand is not None:
        return
    found = document(_read(log), model, kind)
    if json:
        print_document("experience", found)
    else:
        _print(found, most)


@experience.command
@click.argument("file", type=PATH, help="The pack to write, a JSON file.")
@log_option
@click.pass_obj
def export(parent: Place | None, file: Path, log: Place | None) -> None:
    """Write the lessons of a log to a pack that holds no row of its data."""
    packed = make_pack(_read(log or parent))
    write_text(file, pack_text(packed.pack))
    print(
        f"Wrote {len(packed.pack.lessons)} lessons to {file}. Left out: {packed.quoting} that repeat "
        f"something of a row, {packed.own} of your own first prompts, {packed.unfit} with characters that "
        "cannot be shown. Read the file before you share it."
    )


def _read(log: Place | None) -> Experience:
    with open_log(log_path(log)) as reader:
        return read_experience([reader])


def _print(found: ExperienceDocument, most: int) -> None:
    console = open_screen()
    if not found.models:
        console.print("No run of this log has scored a prompt that fits.")
    for one in found.models:
        _print_model(console, one, most)
    if found.redacted:
        console.print(f"{found.redacted} events were left out: redacted, or not readable here.")


def _print_model(console: Console, one: ModelExperience, most: int) -> None:
    about = f"For {one_line(one.model)}, tasks with answers of type {one.kind}"
    basis = (
        f"{len(one.runs)} runs, {len(one.tasks)} tasks, {one.prompts:,} prompts, {one.answers:,} answers to "
        "development examples"
    )
    console.print(Text.assemble((about, "bold"), f"\n{basis}"), soft_wrap=True)
    helped, hurt = one.helped[:most], one.hurt[:most]
    for title, lines in (("Helped", helped), ("Hurt", hurt)):
        if lines:
            console.print(f"\n{title}:")
            print_table(_COLUMNS, [_row(line) for line in lines])
    if any(line.changed for line in (*helped, *hurt)):
        console.print(_LEGEND, style="dim", soft_wrap=True)
    unclear = len(one.sentences) - len(helped) - len(hurt)
    console.print(f"\n{unclear} further sentences: unclear, or beyond --most.")
    for kept in one.formats:
        share = kept.readable / kept.answers if kept.answers else 0.0
        console.print(f"Format {kept.frame!r}: {share:.1%} of {kept.answers:,} replies could be read.")
    paid = ", ".join(f"{tally.operator} {tally.won} of {tally.raced}" for tally in one.operators)
    console.print(f"Races won by operator: {one_line(paid) or 'no races'}.\n", soft_wrap=True, markup=False)


def _row(line: Learned) -> list[object]:
    lesson = line.lesson
    return [
        f"{100 * lesson.mean:+.1f} ± {100 * lesson.sd:.1f}",
        lesson.examples,
        _changed(line.changed),
        lesson.tasks,
        len(line.runs),
        f"{line.brought.run}:{line.brought.seq}",
        lesson.sentence + (" (own)" if line.own else ""),
    ]


def _changed(counts: PairedCounts | None) -> str:
    """Return how many examples a sentence fixed and broke; "~" says that other words changed with it."""
    if counts is None:
        return "-"
    return f"{'' if counts.alone else '~'}{counts.fixed}, {counts.broke} of {counts.examples}"
