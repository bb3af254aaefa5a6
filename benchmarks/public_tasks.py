"""Public data sets as [tasks.NAME] tables of a configuration, with their files in one folder.

The prompts are those that a person might write first. No result was used to choose them.
"""

from dataclasses import dataclass
from pathlib import Path

_TABLE = """
[tasks.{name}]
description = {description!r}
initial_prompts = {prompts!r}
answer = {{ type = "label" }}
[tasks.{name}.data]
train = {train!r}
test = {test!r}
columns = {{ question = "question" }}
"""


@dataclass(frozen=True)
class PublicTask:
    """A data set: the description of its task, initial prompts, and the files of examples."""

    description: str
    prompts: tuple[str, ...]
    train: str
    test: str

    def table(self, name: str, data: Path) -> str:
        """Return its table of a configuration. `data` is the folder of the files."""
        return _TABLE.format(
            name=name,
            description=self.description,
            prompts=list(self.prompts),
            train=str(data / self.train),
            test=str(data / self.test),
        )


_INTENTS = (
    "auto_and_commute",
    "banking",
    "credit_cards",
    "home",
    "kitchen_and_dining",
    "meta",
    "small_talk",
    "travel",
    "utility",
    "work",
)
TASKS = {
    **{
        f"clinc150_intents_{name}": PublicTask(
            f"Say what somebody wants from a voice assistant ({name.replace('_', ' ')}).",
            ("What does the user want?",),
            f"clinc150_intents_{name}.train.jsonl",
            f"clinc150_intents_{name}.test.jsonl",
        )
        for name in _INTENTS
    },
    "clinc150_domain": PublicTask(
        "Name the domain of a request to a voice assistant.",
        ("What is this request about?",),
        "clinc150_domain.train.jsonl",
        "clinc150_domain.test.jsonl",
    ),
    "tfns": PublicTask(
        "Judge whether a financial headline is good, bad or neutral for the company.",
        ("What is the sentiment?",),
        "tfns.validation-a.jsonl",
        "tfns.validation-b.jsonl",
    ),
    "gold_headlines": PublicTask(
        "Say which way a headline says that the price of gold went.",
        ("Which way did the price go?",),
        "gold_headlines_direction.valid-a.jsonl",
        "gold_headlines_direction.valid-b.jsonl",
    ),
    "banking77_10way": PublicTask(
        "Say what a bank's customer wants.",
        ("Classify the message.", "What does the customer want?"),
        "banking77_10way.train.jsonl",
        "banking77_10way.test.jsonl",
    ),
    "unfair_tos": PublicTask(
        "Name the kind of clause in terms of service that may be unfair to the user.",
        ("What kind of clause is this?",),
        "legalbench_unfair_tos.all-a.jsonl",
        "legalbench_unfair_tos.all-b.jsonl",
    ),
}
