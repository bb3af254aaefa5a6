"""What `why` prints: a prompt's life, or what was said about one example."""

from rich.console import Console
from rich.text import Text

from ..console.formatting import harmless, number, one_line
from ..projections.example_history import ExampleHistory, RecordedAnswer
from ..projections.family_tree import WordChange, word_diff
from ..projections.history import RunHistory
from ..projections.prompt_history import PromptHistory
from ..projections.prompt_origin import PromptOrigin
from .documents import fields, print_document
from .tables import print_table

STYLES: dict[WordChange, str] = {"same": "", "gone": "red strike", "new": "green underline"}
_OTHERS = 12


def print_life(account: RunHistory, life: PromptHistory, *, as_json: bool) -> None:
    """The prompt, what it was made from, and its chapters with the seq of each."""
    if as_json:
        print_document("why", {"run": account.run, **fields(life)})
        return
    console = Console(highlight=False)
    console.print(Text(f"{life.id} ({one_line(life.operator)}). {one_line(life.summary)}", style="bold"))
    console.print(_wording(account, life), end="\n\n")
    if life.making is not None:
        _print_making(console, life.making)
    for chapter in life.chapters:
        when = f"{chapter.clock:8.1f} s  seq {chapter.seq:<7} "
        console.print(Text.assemble((when, "dim"), one_line(chapter.text)), soft_wrap=True)


def diff_text(before: str, after: str) -> Text:
    """`after`, with what is new in it and what has gone from `before`; marked by signs as well as colours."""
    text = Text()
    for change, piece in word_diff(before, after):
        words = harmless(piece)
        signs = {"gone": f"[-{words}-]", "new": f"{{+{words}+}}"}
        text.append(signs.get(change, words), STYLES[change])
    return text


def _wording(account: RunHistory, life: PromptHistory) -> Text:
    parent = next((account.candidates[id_] for id_ in life.parents if id_ in account.candidates), None)
    if parent is None:
        return Text(harmless(life.text))
    return Text.assemble((f"Against {parent.id}: ", "dim"), diff_text(parent.text, life.text))


def _print_making(console: Console, making: PromptOrigin) -> None:
    for parent in making.parents:
        console.print(f"Parent {parent.id}: {parent.score}/100 on {parent.examples} examples then")
    if making.call is not None:
        console.print(f"Written by the model in the call at seq {making.call}", end="")
        console.print(f", which was shown {len(making.mistakes)} mistakes:" if making.mistakes else ".")
    for mistake in making.mistakes:
        said = "nothing readable" if mistake.answered is None else repr(one_line(mistake.answered))
        wanted = one_line(mistake.wanted or "")
        line = f"  {mistake.task} / {mistake.example}: {said} instead of {wanted!r}"
        console.print(Text(line), soft_wrap=True)
    console.print()


def print_example(run: str, story: ExampleHistory, *, as_json: bool) -> None:
    """The example, the request and the reply in full, and what the other prompts made of it."""
    if as_json:
        print_document("example", {"run": run, **fields(story)})
        return
    console = Console(highlight=False)
    console.print(Text(f"{story.task} / {story.example}", style="bold"))
    console.print(Text(f"Question: {harmless(story.question or '(redacted)')}"))
    console.print(Text(f"Right answer: {harmless(story.wanted or '(redacted)')}"))
    for answer in story.answers:
        _print_answer(console, answer)
    if story.others:
        console.print()
        rows = [
            [v.prompt, v.stage, _mark(v.correct), v.answer or "-", number(v.confidence)]
            for v in story.others[:_OTHERS]
        ]
        print_table(["other prompts", "stage", "", "answer", "confidence"], rows)
        if len(story.others) > _OTHERS:
            console.print(f"and {len(story.others) - _OTHERS} more (--json has them all)", style="dim")


def _print_answer(console: Console, answer: RecordedAnswer) -> None:
    console.print()
    title = f"{answer.prompt}, {answer.stage} stage ({answer.split}), asked at seq {answer.call}:"
    console.print(Text(title, style="bold"))
    console.print(Text(harmless(answer.asked or "(redacted)"), style="dim"))
    console.print(Text("Reply:", style="bold"))
    if answer.likelihoods is not None:
        ranked = sorted(answer.likelihoods.items(), key=lambda pair: -pair[1])
        print_table(["option", "log-likelihood"], [[option, f"{value:.3f}"] for option, value in ranked])
    else:
        console.print(Text(harmless(answer.replied or "(none)")))
    how = "reused" if answer.reused else f"{answer.latency:.2f} s"
    console.print(
        Text(
            f"Read as {one_line(answer.answer or 'nothing')!r}, confidence {number(answer.confidence)}: "
            f"{_mark(answer.correct)}. {answer.prompt_tokens}+{answer.completion_tokens} tokens, {how}."
        )
    )


def _mark(correct: bool | None) -> str:
    return {True: "right", False: "wrong", None: "not scored"}[correct]
