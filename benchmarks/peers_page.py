"""The comparison as a Markdown page with one section per landscape."""

from collections.abc import Iterable, Sequence
from statistics import mean
from textwrap import fill

from peers_run import ARMS, Run
from peers_scores import SHARES, SPENT, Summary, summarise

_INTRODUCTION = """# Benchmarks against other prompt optimisers

Made by

    python benchmarks/peers.py --python PEERS/bin/python --json docs/benchmarks.json --page docs/benchmarks.md

PEERS is an environment with the extra `bench`. The JSON file holds every single run.
{terms}

## Method
Every arm works against the same simulated models behind one OpenAI-compatible server
(`benchmarks/server.py`), with the same 200 labelled examples: 100 for training and 100 for development.
This project's arm takes the examples of its final comparison from these. The task model's accuracy under a
prompt is an exact function of the prompt's text (`benchmarks/landscape/`), so the *true* accuracy of the
prompt that an arm reports is computed and not estimated. The proposer sees only the text that an arm sends,
in whatever format. Of its proposals, 65 in 100 add rules that failing examples point to (50 with a summary
of the data, 30 with labelled examples only, 5 with no example), 15 do harm, 5 are no prompt at all, and the
rest are rewordings and general tips.

*Transfer-Prompting* searches the target alone, as all others do. *Transfer-Prompting (transfer)*, on
`source_target`, starts with a source stage on two related tasks, which takes a quarter of the same budget.

- *true*: exact accuracy of the reported prompt, mean over the seeds, with its standard error.
- *gain*: the share of the way from the initial prompts to the best attainable prompt.
- *claimed - true*: the accuracy that the arm claims for its prompt, minus the true one.
- *50% of the way*: median of the task model's tokens, counted by the server, when a prompt that good was
  first tried. Only runs whose reported prompt is that good count; their number is in brackets.
- *promoted*: runs that reported a prompt other than the initial ones. On `null` each is a false promotion.
- *slots busy*: busy time of the task model's slots, as a share of the time between its first and its last
  request.

Budgets are in tokens of the task model. Some programs can be stopped only between their steps, or derive
their size from a preset, so *tokens* gives what each one really spent.

## Limits
The simulated world consists of hidden rules, each of which helps on its own share of the examples. It
rewards the study of failures. It says little about programs that depend on a strong model's general
knowledge (COPRO, EvoPrompt, CAPO's rewording) or on demonstrations.

This project's search was tuned on `hidden_rules` (in process, with other budgets; `source_target` without
its sources is of the same kind), so its rows there are flattered. It was not tuned on the other landscapes.
The other programs ran with their documented settings. Other programs used the machine during the runs, some
more than others, so do not compare seconds and slots busy between landscapes or arms. The runs of this
project were made with an earlier version of its search, which had one step under way at a time.
"""


def page(runs: Sequence[Run], *, slots: int, latency: float) -> str:
    """Return the whole page. `latency` is the server's, in seconds per request."""
    versions = {package: version for run in runs for package, version in run.versions.items()}
    terms = (
        f"The server has {slots} slots and takes {latency * 1000:g} ms per request. Arm and "
        "server share two cores. Versions: "
        f"{', '.join(f'{package} {version}' for package, version in sorted(versions.items()))}."
    )
    names = dict.fromkeys(run.landscape for run in runs)
    sections = [_section(name, [run for run in runs if run.landscape == name]) for name in names]
    return "\n".join([_INTRODUCTION.format(terms=fill(terms, 106)), *sections])


def _section(landscape: str, runs: Sequence[Run]) -> str:
    seeds, budget = len({run.seed for run in runs}), max(run.budget for run in runs)
    by_arm = {arm: [run for run in runs if run.arm == arm] for arm in ARMS}
    summaries = [summarise(arm, found) for arm, found in by_arm.items() if found]
    summaries.sort(key=lambda summary: -(summary.true or 0.0))
    initial, attainable = mean(run.initial for run in runs), mean(run.attainable for run in runs)
    parts = [
        f"## `{landscape}`",
        f"{seeds} seeds, {budget:,} tokens a run; initial {initial:.3f}, attainable {attainable:.3f}.",
        _table(["arm", "true", "gain", "claimed - true", "promoted"], map(_outcome, summaries)),
        *_failures(runs),
    ]
    if attainable > initial:
        parts += [
            "On the way: tokens until a prompt that good was tried, and the best true accuracy among the "
            "prompts tried by then, whether or not the search measured it.",
            _table(
                ["arm", *(f"{share:.0%} of the way" for share in SHARES)]
                + [f"by {_thousands(share * budget)}" for share in SPENT],
                map(_way, summaries),
            ),
        ]
    costs = ["arm", "tokens", "task calls", "proposals", "seconds", "slots busy"]
    return "\n\n".join([*parts, _table(costs, map(_cost, summaries))]) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _outcome(summary: Summary) -> list[str]:
    error = f" ± {summary.error:.3f}" if summary.error is not None else ""
    return [
        summary.arm,
        f"{summary.true:.3f}{error}" if summary.true is not None else "failed",
        f"{summary.gain:.0%}" if summary.gain is not None else "-",
        f"{summary.optimism:+.3f}" if summary.optimism is not None else "-",
        f"{summary.promoted} of {summary.runs - summary.failed}",
    ]


def _way(summary: Summary) -> list[str]:
    reached = [f"{_thousands(tokens)} ({count})" if count else "-" for count, tokens in summary.reached]
    return [summary.arm, *reached, *(f"{best:.3f}" for best in summary.found)]


def _cost(summary: Summary) -> list[str]:
    return [
        summary.arm,
        _thousands(summary.tokens),
        f"{summary.requests:,.0f}",
        f"{summary.proposals:,.0f}",
        f"{summary.seconds:.0f}" if summary.seconds is not None else "-",
        f"{summary.slot_use:.0%}",
    ]


def _thousands(tokens: float | None) -> str:
    return f"{(tokens or 0) / 1000:,.0f} k"


def _failures(runs: Sequence[Run]) -> list[str]:
    failed = [run for run in runs if run.error]
    lines = [f"- {run.arm}, seed {run.seed}, failed: {run.error.splitlines()[-1]}" for run in failed]
    return ["\n".join(lines)] if lines else []
