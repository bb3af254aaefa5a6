"""Output of `cross-validate`: a line for each fold, the pooled verdict, and how to come to a prompt."""

from ...agents.messages import Comparison
from ..projections.cross_validation import CrossValidation, FoldResult
from .output import print_table
from .screen import open_screen

_SMALLEST_PART = 20
"""Most folds that the advice names: one row in so many is held out by the run to deploy."""
_MEANING = (
    "This is the gain of the search on these data, not that of one prompt: on each row, the best prompt of "
    "the search that has not seen it, against the best of your own prompts. Interval and test take the rows "
    "as independent. The folds share training rows, so both are a little optimistic."
)


def print_verdict(found: CrossValidation, run: str, best: str) -> None:
    """Print the pooled verdict; `run` and `best` are the commands of one more run and of the first winner."""
    columns = ["fold", "run", "best prompt", "rows", "own", "best", "gain in points"]
    print_table(columns, [_row(fold) for fold in found.folds])
    screen = open_screen()
    screen.print(f"\nOver all folds: {found.verdict}.\n\n{_MEANING}\n")
    screen.print(_advice(found, run, best), soft_wrap=True)


def _row(fold: FoldResult) -> list[str]:
    main = fold.comparison
    prompt = "your own" if fold.best == fold.initial else fold.best
    if main is None:
        return [fold.fold, fold.run, prompt, "0", "-", "-", "-"]
    values = [str(main.n), f"{main.other:.3f}", f"{main.best:.3f}", _gain(main)]
    return [fold.fold, fold.run, prompt, *values]


def _gain(main: Comparison) -> str:
    points = [100 * value for value in (main.difference, main.low, main.high)]
    return "{:+.1f} ({:+.1f} to {:+.1f})".format(*points)


def _advice(found: CrossValidation, run: str, best: str) -> str:
    """Return how to come to a prompt whose gain the verdict stands for."""
    rows = sum(fold.comparison.n for fold in found.folds if fold.comparison)
    part = max(len(found.folds), min(_SMALLEST_PART, rows // 2))
    return (
        f'To deploy: search once more on nearly all rows, `{run}` with fold = "1/{part}" under [target]. '
        f"Or, without a further run, take the winner of the first fold, `{best}`: its expected gain is that "
        "over all folds. Do not choose the fold with the largest gain, which is mostly luck."
    )
