"""The experience of a log as a document: by model and kind of task."""

from dataclasses import dataclass

from .fold import Experience
from .group import Group, GroupKey, Learned
from .tallies import FormatTally, OperatorTally

_EVIDENCE = 1.0
"""Standard deviations from which a sentence is listed."""


@dataclass(frozen=True, slots=True)
class ModelExperience:
    """What the runs of a log have taught about one model and one kind of task."""

    model: str
    """Identity of the scorer's model."""
    kind: str
    """Type of the answers."""
    texts: tuple[str, ...]
    """Names of the texts that a prompt consists of."""
    tasks: list[str]
    runs: list[str]
    prompts: int
    """Number of prompts that were answered."""
    answers: int
    """Number of different answers: pairs of a prompt and a development example."""
    sentences: list[Learned]
    """Sentences with their worth, from the best to the worst by evidence."""
    formats: list[FormatTally]
    operators: list[OperatorTally]

    @property
    def helped(self) -> list[Learned]:
        """Sentences that helped by the evidence, the best first."""
        return [line for line in self.sentences if line.lesson.z >= _EVIDENCE]

    @property
    def hurt(self) -> list[Learned]:
        """Sentences that hurt by the evidence, the worst first."""
        return [line for line in reversed(self.sentences) if line.lesson.z <= -_EVIDENCE]


@dataclass(frozen=True, slots=True)
class ExperienceDocument:
    """What the runs of a log have taught."""

    models: list[ModelExperience]
    redacted: int
    """Number of events that tell nothing, because their payload was redacted or cannot be read."""


def document(experience: Experience, model: str = "", kind: str = "") -> ExperienceDocument:
    """Return the document, for the models whose identity contains `model`, and one `kind` if it is named."""
    chosen = {
        key: group
        for key, group in sorted(experience.groups.items())
        if model.casefold() in key.model.casefold() and kind in ("", key.answers)
    }
    found = [_told(key, group) for key, group in chosen.items() if group.answers]
    return ExperienceDocument(found, experience.redacted)


def _told(key: GroupKey, group: Group) -> ModelExperience:
    return ModelExperience(
        model=key.model,
        kind=key.answers,
        texts=key.texts,
        tasks=sorted({task.name for task in group.tasks.values()}),
        runs=sorted({run for runs in group.runs.values() for run in runs}),
        prompts=len(group.answers),
        answers=sum(map(len, group.answers.values())),
        sentences=group.learned(group.changes()),
        formats=group.formats.tallies(),
        operators=group.operators.tallies(),
    )
