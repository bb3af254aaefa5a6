"""The trackers by the name under which a user chooses one."""

from typing import Literal

from .base import Follower

TrackerName = Literal["mlflow", "wandb", "otel"]


def follower_for(tracker: TrackerName, *, project: str | None, content: bool) -> Follower:
    """Return the follower that keeps a tracker up to date. Raise `ConfigError` if its package is missing.

    Only the package of this tracker is imported.
    """
    if tracker == "otel":
        from .otel_trace import TraceFollower

        return TraceFollower(content=content)
    from .base import load
    from .experiment import ExperimentFollower

    if tracker == "wandb":
        from .wandb_run import WandbRun

        load("wandb", "Weights & Biases", "wandb")
        return ExperimentFollower(lambda facts: WandbRun(facts, project))
    from .mlflow_run import MlflowRun

    load("mlflow", "MLflow", "mlflow")
    return ExperimentFollower(lambda facts: MlflowRun(facts, project))
