"""Run the embedded model on five kinds of tasks whose answers are no labels, and print what each run found.

    python benchmarks/any_task.py --data FOLDER [--keep LOG] [--only NAME]

FOLDER holds public data sets as JSON Lines (GSM8K, IFEval, CosmosQA, CLINC150); the e-mails are made here.
Every task has its own main metric. A run that is in the log already is resumed where it stopped. The
embedded model is small: the figures show that the paths hold, not what a good model can do.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from kept_runs import carry_out, run_of

from transfer_prompting.agents.messages import PromptScored, RunFinished
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.storage.sqlite.reader import LogReader

_HEAD = """
name = "{name}"
seed = 1
[target]
task = "{name}"
steps = 2
candidates = 2
examples = {dev}
test_examples = {test}
[search]
seed_prompts = false
operators = ["demonstrations", "describe", "extend", "replace", "cross", "shorten"]
[models.scorer]
provider = "smollm2"
[models.reference]
provider = "smollm2"
[tasks.{name}]
"""
_EMAILS = (
    "Hi,\n{who} here. On {day} you billed me {amount} euros for a plan that I cancelled. Please refund it.",
    "Dear team, EUR {amount} left my account on {day}. That is wrong!\nRegards, {who}",
    "{day}: {amount} EUR for nothing. Nobody answers the phone. {who}",
)
_PEOPLE = ("Ann Li", "José Ortega", "K. Meyer", "Siobhán O’Neill", "Marta Nowak", "T. van Dijk", "Raj Patel")
_MONTHS = {"January": 1, "March": 3, "May": 5, "July": 7, "October": 10}


@dataclass(frozen=True)
class Job:
    """A task: its table of the configuration, the source of its rows, and the sizes of its run."""

    table: str
    dev: int = 12
    test: int = 32


JOBS = {
    "gsm8k": Job(
        """description = "Solve a word problem."
initial_prompts = ["Solve the problem step by step."]
frame = "reason, then answer"
answer = { type = "number" }
data = { train = "gsm8k.train.jsonl", test = "gsm8k.test.jsonl" }
""",
        dev=8,
        test=16,
    ),
    "ifeval": Job(
        """description = "Follow every instruction of a request to the letter."
initial_prompts = ["{{ question }}"]
answer = { type = "raw" }
metric = { use = "instructions", ids = "meta.instruction_id_list", kwargs = "meta.kwargs" }
data = { all = "ifeval.all.jsonl" }
""",
        dev=6,
        test=12,
    ),
    "cosmosqa": Job(
        """description = "Answer a question about a short story in a few words."
initial_prompts = ["{{ context }}\\n\\n{{ question }} Answer briefly."]
answer = { type = "text" }
metric = "token_f1"
metrics = ["squad_exact"]
data = { all = "cosmosqa.jsonl" }
"""
    ),
    "intents": Job(
        """description = "Name all topics that a request to a voice assistant mentions."
initial_prompts = ["{{ text }}\\n\\nWhich fit: banking, travel, home, work? Reply with a list with commas."]
answer = { type = "list", labels = ["banking", "travel", "home", "work"] }
data = { all = "intents.jsonl" }
"""
    ),
    "emails": Job(
        """description = "Extract name, date and amount from an e-mail as JSON."
initial_prompts = ["{{ email }}\\n\\nGive the name, the date (YYYY-MM-DD) and the amount as JSON."]
answer = { type = "json" }
metric = { use = "json_fields", fields = { name = "text", date = "date", amount = "number" } }
data = { all = "emails.jsonl" }
"""
    ),
}


def main() -> None:
    """Make the missing runs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--keep", type=Path, default=Path("any-task.db"))
    parser.add_argument("--only", choices=JOBS)
    options = parser.parse_args()
    log = options.keep.resolve()
    folder = log.with_suffix("")
    folder.mkdir(exist_ok=True)
    _write_data(options.data.resolve(), folder)
    names = [options.only] if options.only else list(JOBS)
    for name in names:
        _carry_out(log, folder, name)
    _print(log, names)


def _write_data(public: Path, folder: Path) -> None:
    """Write the files of the tasks: those of public sets as they are, and those made of them."""
    for name in ("gsm8k.train.jsonl", "gsm8k.test.jsonl", "ifeval.all.jsonl"):
        (folder / name).write_bytes((public / name).read_bytes())
    _write(folder / "cosmosqa.jsonl", _cosmosqa(public))
    _write(folder / "intents.jsonl", _intents(public))
    _write(folder / "emails.jsonl", _emails())


def _write(path: Path, rows: Iterator[dict[str, object]]) -> None:
    path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")


def _rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _cosmosqa(public: Path) -> Iterator[dict[str, object]]:
    """Yield questions over a context, whose right answer is the text of the right choice."""
    for row in _rows(public / "cosmosqa.valid-a.jsonl")[:400]:
        answer = row["choices"]["ABCD".index(row["answer"])]
        if not answer.startswith("None of the above"):
            yield {"context": row["context"], "question": row["question"], "answer": answer}


def _intents(public: Path) -> Iterator[dict[str, object]]:
    """Yield requests that join one, two or three requests of different domains, with these as labels."""
    random = Random(1)
    pools = {
        name: [row["question"] for row in _rows(public / f"clinc150_intents_{name}.train.jsonl")]
        for name in ("banking", "travel", "home", "work")
    }
    for _ in range(300):
        names = random.sample(sorted(pools), random.choice((1, 2, 2, 3)))
        yield {"text": ". ".join(random.choice(pools[name]) for name in names), "answer": names}


def _emails() -> Iterator[dict[str, object]]:
    random = Random(2)
    for number in range(120):
        who, month, day = random.choice(_PEOPLE), random.choice(list(_MONTHS)), random.randint(1, 28)
        amount = random.choice((random.randint(5, 900), random.randint(500, 9900) / 100))
        date = f"2024-{_MONTHS[month]:02}-{day:02}"
        text = _EMAILS[number % 3].format(who=who, day=f"{day} {month} 2024", amount=amount)
        yield {"email": text, "answer": {"name": who, "date": date, "amount": amount}}


def _carry_out(log: Path, folder: Path, name: str) -> None:
    job = JOBS[name]
    config = folder / f"{name}.toml"
    config.write_text(_HEAD.format(name=name, dev=job.dev, test=job.test) + job.table, encoding="utf-8")
    print(f"{name} ...", file=sys.stderr, flush=True)
    carry_out(log, name, config, check=False)


def _print(log: Path, names: list[str]) -> None:
    print("| task | main metric | held-out | initial | best | difference, 95 % interval | p | cut |")
    print("|---|---|---|---|---|---|---|---|")
    for name in names:
        run = run_of(log, name)
        assert run is not None
        with LogReader(log) as reader:
            found = [decode(event) for event in reader.read(run, kinds=("run.finished", "prompt.scored"))]
        finished = next((one for one in found if isinstance(one, RunFinished)), None)
        if finished is None or not finished.comparisons:
            print(f"| {name} | no verdict |")
            continue
        main = finished.comparisons[0]
        outcomes = [outcome for one in found if isinstance(one, PromptScored) for outcome in one.outcomes]
        cut = sum(outcome.cut for outcome in outcomes) / len(outcomes)
        print(
            f"| {name} | {main.title} | {main.n} | {main.other:.3f} | {main.best:.3f} | "
            f"{100 * main.difference:+.1f} ({100 * main.low:+.1f} to {100 * main.high:+.1f}) | "
            f"{finished.p_value} | {100 * cut:.0f} % |"
        )


if __name__ == "__main__":
    main()
