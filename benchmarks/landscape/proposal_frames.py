"""Wraps a proposal in the format that a meta-prompt demands."""

import re

from .frames import demanded_fields
from .meta_prompt import MetaPrompt
from .words import REFUSAL

_TAG = re.compile(r"</(instruction|ins|prompt)>", re.IGNORECASE)
_SUMMARY = 4
"""Number of topics that a summary of the data mentions."""


def framed(text: str, prompt: str | None, meta: MetaPrompt) -> str:
    """Return `prompt` in the format that `text` demands: DSPy's fields, tags, a code fence, or plain text.

    None becomes a refusal. As with real models, it keeps to DSPy's fields and to no other format.
    """
    if fields := demanded_fields(text):
        return fields.filled(lambda name: _field(name, prompt or REFUSAL, meta))
    if prompt is None:
        return REFUSAL
    if tags := _TAG.findall(text):
        return f"<{tags[-1]}>{prompt}</{tags[-1]}>"
    return f"```\n{prompt}\n```" if "```" in text else prompt


def _field(name: str, prompt: str, meta: MetaPrompt) -> str:
    if "prefix" in name:
        return "Answer:"
    return prompt if "instruction" in name or "prompt" in name else summary(meta)


def summary(meta: MetaPrompt) -> str:
    """Summarise in a few sentences what the examples shown, or an earlier summary, have in common."""
    seen = [(example.topic, example.clue) for example in meta.shown if example.clue] or list(meta.noted)
    facts = [f"In {topic} cases the {clue} is underlined." for topic, clue in dict(seen[:_SUMMARY]).items()]
    return " ".join(
        ["The data are messages to a harbour office, each with the desk that handles it.", *facts]
    )
