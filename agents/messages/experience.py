"""Experience: what a run takes from earlier runs, and what it makes of that."""

from typing import ClassVar, Literal

from ...prompts.candidate import Candidate
from ..experience.carried import CarriedLesson
from ..experience.lessons import Lesson
from .base import Message, Stage, plural


class ExperienceLoaded(Message):
    """The user gives the run lessons of earlier runs. They are whole, so that a replay needs no other log."""

    SCHEMA: ClassVar[int] = 2
    kind: Literal["experience.loaded"] = "experience.loaded"
    origins: tuple[str, ...]
    """Names of the logs and packs that the lessons come from, without their folders."""
    model: str
    """Identity of the scorer's model, for which the lessons are weighed."""
    lessons: tuple[CarriedLesson, ...]
    """Lessons on tasks with the target's type of answers, the best first."""
    left_out: int
    """Number of lessons on other types of answers or other texts, or that did not help."""
    target: str = ""
    """Name of the target's task that they were chosen for; empty if the run has one target."""

    def gist(self) -> str:
        """Return the number of lessons and where they come from."""
        other = sum(one.model != self.model for one in self.lessons)
        note = f", {other} of them from other models" if other else ""
        aim = f" for {self.target}" if self.target else ""
        return f"{plural(len(self.lessons), 'lesson')}{aim} from {', '.join(self.origins)}{note}"


class ExperienceApplied(Message):
    """The curator puts the lessons that suit the target into its own first prompt, which then has to race."""

    SCHEMA: ClassVar[int] = 2
    kind: Literal["experience.applied"] = "experience.applied"
    candidate: Candidate
    """Prompt that enters the target stage."""
    rules: tuple[Lesson, ...]
    """The lessons that it holds."""
    left: tuple[Lesson, ...]
    """Further lessons with some evidence, which operators may try in the target stage."""
    into: Stage = "target"
    """Stage that the prompt enters."""

    def gist(self) -> str:
        """Return the prompt and the number of its rules."""
        rules = plural(len(self.rules), "rule")
        return f"{self.candidate.id}: the target's own first prompt with {rules} from earlier runs"
