"""The names of stages: what a stage is for, and which target it belongs to if a run has several.

A stage of a run with one target is called by its kind, "target". With several, the name of the target's task
follows, "target:NAME". Everything that reads or makes a name does it here, without importing the messages.
"""

from typing import Literal

StageKind = Literal["source", "carried", "target", "control"]
"""What a stage is for.

"source": prompts are searched for the source tasks. "carried": in a migration, prompts of another model are
scored with the new one. "target": prompts are searched for the target. "control": a target stage that starts
without anything from other stages, and may spend what these have spent for the target.
"""
PATTERN = r"^(source|carried|(target|control)(:[^\x00-\x1f]+)?)$"
"""Regular expression of the names."""
_MARK = ":"


def stage_name(kind: StageKind, target: str = "") -> str:
    """Return the name of a stage; `target` is the name of its target if the run has several."""
    return f"{kind}{_MARK}{target}" if target else kind


def stage_target(stage: str) -> str:
    """Return the name of the target of a stage; "" if the run has one target, or it is the source stage."""
    return stage.partition(_MARK)[2]


def is_kind(stage: str | None, kind: StageKind) -> bool:
    """Return whether a stage is of a kind, whichever its target."""
    return stage is not None and stage.partition(_MARK)[0] == kind


def is_shared(stage: str) -> bool:
    """Return whether a stage belongs to all targets: the source stage."""
    return is_kind(stage, "source")


def within(stage: str, target: str) -> str:
    """Return the name that a stage of a target has as if this were the only target."""
    return stage.removesuffix(f"{_MARK}{target}")
