"""The texts of a DSPy module as the state that its `load` reads (DSPy 3.4)."""

from collections.abc import Mapping
from typing import Any

from ...agents.programs.predictor_names import predictor_path
from ..errors import ConfigError


def module_state(texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the state with these instructions; `texts` are named as in `text_name`.

    Loading it leaves the fields and the demonstrations of a predictor as they are. DSPy demands that a state
    names the model of a predictor, so it removes one that was set on it. Raise `ConfigError` if a name does
    not tell the place of its predictor.
    """
    states = {_path(name): _predictor_state(text) for name, text in texts.items()}
    # A module that is a predictor itself reads its state without a name.
    state = states["self"] if list(states) == ["self"] else states
    # Without versions, because DSPy has not saved this state and so has none to compare with its own.
    return {**state, "metadata": {"dependency_versions": {}}}


def _predictor_state(text: str) -> dict[str, Any]:
    return {"signature": {"instructions": text, "fields": []}, "lm": None}


def _path(name: str) -> str:
    path = predictor_path(name)
    if path is None:
        raise ConfigError(
            f"The text {name!r} belongs to a predictor of DSPy whose path is too long for a name, so the log "
            "does not hold its place. In Python, `program.with_texts(texts).save(path)` writes the state, "
            "with the texts that `tp best --as json` prints."
        )
    return path
