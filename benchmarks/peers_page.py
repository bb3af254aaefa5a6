"""The comparison as a Markdown page with one section per landscape."""

from collections.abc import Mapping, Sequence
from statistics import mean
from textwrap import fill

from measured import marker
from page_sections import table, thousands
from peers_overview import complete, overview, shown
from peers_run import ARMS, Run
from peers_scores import SHARES, SPENT, Summary, summarise

_INTRODUCTION = """# Benchmarks against other prompt optimisers

    python benchmarks/peers.py --python PEERS/bin/python --json docs/benchmarks.json --page docs/benchmarks.md

PEERS is an environment with the extra `bench`. The JSON file holds every single run.
{terms}

## Method
All arms use the same 200 labelled examples (100 for training, 100 for development; this project takes its
final comparison from these) and the same simulated models behind one OpenAI-compatible server
(`benchmarks/server.py`). The task model's accuracy is an exact function of the prompt's text
(`benchmarks/landscape/`), so *true* accuracy is computed and not estimated. The proposer sees only the text
that an arm sends. Of its proposals, 65 in 100 add rules that failing examples point to (50 with a summary of
the data, 30 with labelled examples only, 5 with no example), 15 do harm, 5 are no prompt at all, and the
rest are rewordings and general tips. *Transfer-Prompting (transfer)* spends a quarter of the same budget on
a source stage with two related tasks.

- *true*: accuracy of the reported prompt, mean over the seeds, with its standard error.
- *gain*: share of the way from the initial prompts to the best attainable prompt.
- *claimed - true*: accuracy claimed for the prompt, minus the true one.
- *promoted*: runs that reported a prompt other than the initial ones; on `null`, false promotions.
- *tokens*: thousands of the task model's tokens spent. Some programs stop only between steps, or derive
  their size from a preset.
- *slots busy*: busy share of the task model's slots between its first and last request.
- *50%*: thousands of tokens when a prompt that is 50% of the way was first tried, if the run reported one
  that good; with the number of such runs in brackets. It is the median over all runs, and missing where half
  of them or more never got there.
- *by 50 k*: best true accuracy among the prompts tried by then, measured by the search or not.

## Limits
In the simulated world each hidden rule helps on its own share of the examples, and is one sentence that says
when it applies. That rewards the study of failures, and an estimate of what each sentence is worth, as this
project makes it; it says little about programs that depend on a strong model's general knowledge (COPRO,
EvoPrompt, CAPO's rewording) or on demonstrations.

This project's search and its arm (80 training examples held out for the verdict) were tuned on these
landscapes with seeds below 1,000, which flatters its rows. The other programs ran with their documented
settings. An arm's accuracy is that of the prompt that it says to use: for this project the initial one unless
the verdict is "improvement found". On `noisy_judge` the replies hold a text for a judge besides the answer;
no arm asks the judge. The machine had other work: do not compare seconds and slots busy between landscapes or
arms.
"""

ALL = "peers on all landscapes"
"""Key of the measurement of the table of all landscapes (see `measured`)."""
_OVERVIEW = """## All landscapes

*Lowest* is the worst seed. The tokens are medians in thousands over all runs, with the number of those that
reported so good a prompt in brackets. What follows from it is said in
[the comparison](comparison.md#what-the-benchmarks-show).

"""
_OUTCOME = ["arm", "true", "gain", "claimed - true", "promoted"]
_COST = ["tokens", "calls", "proposals", "seconds", "slots busy"]


def page(runs: Sequence[Run], *, slots: int, latency: float) -> str:
    """Return the whole page. `latency` is the server's, in seconds per request."""
    versions = {package: version for run in runs for package, version in run.versions.items()}
    terms = (
        f"The server has {slots} slots and takes {latency * 1000:g} ms per request. Arm and "
        "server share two cores. Versions: "
        f"{', '.join(f'{package} {version}' for package, version in sorted(versions.items()))}."
    )
    names = dict.fromkeys(run.landscape for run in runs)
    by_landscape = {name: [run for run in runs if run.landscape == name] for name in names}
    sections = [_section(name, complete(found)) for name, found in by_landscape.items()]
    return "\n".join([_INTRODUCTION.format(terms=fill(terms, 106)), _summary(by_landscape), *sections])


def key_of(landscape: str) -> str:
    """Return the key of the measurement of a landscape (see `measured`)."""
    return f"peers on {landscape}"


def _summary(by_landscape: Mapping[str, Sequence[Run]]) -> str:
    left_out = {}
    for name, runs in by_landscape.items():
        whole = {run.arm for run in complete(runs)}
        left_out[name] = list(dict.fromkeys(run.arm for run in runs if run.arm not in whole))
    missing = [f"{', '.join(arms)} on `{name}`" for name, arms in left_out.items() if arms]
    note = f"\n\nNot all seeds were run of: {'; '.join(missing)}." if missing else ""
    table_ = overview([run for runs in by_landscape.values() for run in runs])
    return f"{_OVERVIEW}{marker(ALL)}\n\n{table_}{note}\n"


def _section(landscape: str, runs: Sequence[Run]) -> str:
    seeds, budget = sorted({run.seed for run in runs}), max(run.budget for run in runs)
    by_arm = {arm: [run for run in runs if run.arm == arm] for arm in ARMS}
    summaries = [summarise(arm, found) for arm, found in by_arm.items() if found]
    summaries.sort(key=lambda summary: -(summary.true or 0.0))
    initial, attainable = mean(run.initial for run in runs), mean(run.attainable for run in runs)
    parts = [
        f"## `{landscape}`",
        marker(key_of(landscape)),
        f"Seeds {seeds[0]:,} to {seeds[-1]:,}, {budget:,} tokens a run; initial {initial:.3f}, "
        f"attainable {attainable:.3f}.",
        table([*_OUTCOME, *_COST], ([*_outcome(summary), *_cost(summary)] for summary in summaries)),
        *_failures(runs),
    ]
    if attainable > initial:
        ways = [f"{share:.0%}" for share in SHARES]
        spent = [f"by {thousands(share * budget)} k" for share in SPENT]
        parts.append(
            table(["arm", *ways, *spent], [_way(summary) for summary in summaries if summary.proposals])
        )
    return "\n\n".join(parts) + "\n"


def _outcome(summary: Summary) -> list[str]:
    error = f" ± {summary.error:.3f}" if summary.error is not None else ""
    return [
        summary.arm,
        f"{summary.true:.3f}{error}" if summary.true is not None else "failed",
        f"{summary.gain:.0%}" if summary.gain is not None else "-",
        f"{summary.optimism:+.3f}" if summary.optimism is not None else "-",
        f"{summary.promoted} of {summary.runs - summary.failed}" if summary.failed else f"{summary.promoted}",
    ]


def _way(summary: Summary) -> list[str]:
    return [summary.arm, *shown(summary.reached), *(f"{best:.3f}" for best in summary.found)]


def _cost(summary: Summary) -> list[str]:
    return [
        thousands(summary.tokens),
        f"{summary.requests:,.0f}",
        f"{summary.proposals:,.0f}",
        f"{summary.seconds:.0f}" if summary.seconds is not None else "-",
        f"{summary.slot_use:.0%}",
    ]


def _failures(runs: Sequence[Run]) -> list[str]:
    failed = [run for run in runs if run.error]
    lines = [f"- {run.arm}, seed {run.seed}, failed: {run.error.splitlines()[-1]}" for run in failed]
    return ["\n".join(lines)] if lines else []
