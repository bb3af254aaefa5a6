"""The winner as the state of a DSPy module, in the form that its `load` reads (DSPy 2.6 to 3.4)."""

import re
from typing import Any

from ...prompts.message_templates import filled_text
from ...prompts.named_texts import split_texts
from .dspy_module_state import module_state
from .winner import Winner


def signature_of(winner: Winner) -> str:
    """Return the signature with which the program must be made, such as "question -> answer"."""
    return f"{', '.join(_inputs(winner)) or 'question'} -> answer"


def dspy_state(winner: Winner) -> dict[str, Any]:
    """Return the state of a `dspy.Predict`, or for a program that of the predictors of its module.

    A `dspy.Predict` gets the instructions and the fields of a signature. DSPy words the rest of a request
    itself, so it is not the request that was measured. Raises `ConfigError` as `module_state` does.
    """
    if winner.task.program:
        return module_state(split_texts(winner.candidate.text, winner.task.texts) or {})
    names = [*(_inputs(winner) or {"question": "question"}), "answer"]
    fields = [{"prefix": f"{_title(name)}:", "description": f"${{{name}}}"} for name in names]
    if winner.task.answer.labels:
        fields[-1]["description"] = f"one of: {', '.join(winner.task.answer.labels)}"
    signature = {"instructions": _instructions(winner), "fields": fields}
    state: dict[str, Any] = {"traces": [], "train": [], "demos": [], "signature": signature, "lm": None}
    # Without versions, because DSPy has not saved this state and so has none to compare with its own.
    return {**state, "metadata": {"dependency_versions": {}}}


def _inputs(winner: Winner) -> dict[str, str]:
    """Return the name of a field -> the column that it stands for."""
    found: dict[str, str] = {}
    for column in winner.template.columns:
        name = re.sub(r"\W+", "_", column, flags=re.ASCII).strip("_").lower() or "column"
        name = f"column_{name}" if name[0].isdigit() or name in ("answer", *found) else name
        while name in found:
            name += "_"
        found[name] = column
    return found


def _instructions(winner: Winner) -> str:
    """Return the texts of the prompt, in which a field is named in backticks instead of a placeholder."""
    texts = split_texts(winner.candidate.text, winner.task.texts) or {"": winner.candidate.text}
    fields = {column: name for name, column in _inputs(winner).items()}
    return "\n\n".join(
        filled_text(text, lambda name: f"`{fields.get(name, name)}`") for text in texts.values()
    )


def _title(name: str) -> str:
    return name.replace("_", " ").strip().title() or name
