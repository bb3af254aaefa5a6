"""A run at Weights & Biases. The account and the server are those that its own settings name."""

import os
from typing import Any

from ..errors import TrackerError
from .base import PROJECT, load
from .facts import RunFacts

_AXES = ("evaluations", "tokens", "seconds")


class WandbRun:
    """The run with the identity of `facts` as its id, which W&B makes or takes up again.

    W&B counts the rows of a run's history, so those that it has are not sent again. Without a connection
    (mode "offline") it cannot tell, and the folder that it writes holds the whole run under the same id.
    """

    def __init__(self, facts: RunFacts, project: str | None) -> None:
        self._wandb = load("wandb", "Weights & Biases", "wandb")
        offline = self._wandb.setup().settings.mode in ("offline", "dryrun")
        try:
            self._run = self._wandb.init(
                project=project or os.environ.get("WANDB_PROJECT") or PROJECT,
                id=facts.identity,
                name=facts.run,
                config=facts.parameters,
                resume=None if offline else "allow",
                settings=self._settings(),
            )
        except (self._wandb.Error, OSError) as error:
            raise TrackerError(f"Weights & Biases did not take the run: {error}") from error
        for axis in _AXES:
            self._run.define_metric(axis)
        self._sent = int(self._run.step)
        self._prompts: dict[str, str] = {}
        self._defined: set[str] = set()
        self._failed = False

    def _settings(self) -> Any:
        """Return settings by which nothing of this computer is sent: no arguments, code, output or load."""
        return self._wandb.Settings(
            console="off",
            disable_code=True,
            disable_git=True,
            disable_job_creation=True,
            host="",
            save_code=False,
            silent=True,
            x_disable_machine_info=True,
            x_disable_meta=True,
            x_disable_stats=True,
            x_save_requirements=False,
        )

    def write(self, facts: RunFacts) -> None:
        """Write what W&B lacks."""
        try:
            self._write(facts)
        except (self._wandb.Error, OSError) as error:
            raise TrackerError(f"Weights & Biases did not take the run: {error}") from error

    def _write(self, facts: RunFacts) -> None:
        for name in facts.curve.keys() - self._defined:
            self._run.define_metric(name, step_metric=_AXES[0])
            self._defined.add(name)
        rows = [(point, name) for name, points in facts.curve.items() for point in points]
        rows.sort(key=lambda row: row[0].seconds)
        for number, (point, name) in enumerate(rows):
            if number >= self._sent:
                axes = {axis: getattr(point, axis) for axis in _AXES}
                self._run.log({name: point.score, **axes}, step=number)
        self._sent = max(self._sent, len(rows))
        self._run.summary.update({**facts.figures, **facts.words})
        self._write_prompts(facts)
        self._failed = facts.status == "failed"

    def _write_prompts(self, facts: RunFacts) -> None:
        """Write the prompts as an artifact, of which W&B makes a version only if the contents differ."""
        if facts.prompts in ({}, self._prompts):
            return
        artifact = self._wandb.Artifact(f"best-prompt-{facts.identity[:12]}", type="prompt")
        for name, text in facts.prompts.items():
            with artifact.new_file(name, encoding="utf-8") as file:
                file.write(text)
        self._run.log_artifact(artifact)
        self._prompts = dict(facts.prompts)

    def close(self) -> None:
        """Wait until everything is sent."""
        self._run.finish(exit_code=int(self._failed))
