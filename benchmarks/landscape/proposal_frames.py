"""Handing over a proposal in the form that a meta-prompt demands."""

import re

from .frames import demanded_fields
from .meta_prompt import MetaPrompt
from .words import REFUSAL

_TAG = re.compile(r"</(instruction|ins|prompt)>", re.IGNORECASE)
_SUMMARY = 4
"""How many topics a summary of the data mentions."""


def framed(text: str, prompt: str | None, meta: MetaPrompt) -> str:
    """`prompt` as `text` wants it: in DSPy's fields, between tags, in a fence, or bare.

    None becomes a refusal, which keeps to DSPy's fields, as models do, and to no other form.
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
    """What the examples shown, or an earlier summary, have in common, in a few sentences."""
    seen = [(example.topic, example.clue) for example in meta.shown if example.clue] or list(meta.noted)
    facts = [f"In {topic} cases the {clue} is underlined." for topic, clue in dict(seen[:_SUMMARY]).items()]
    return " ".join(
        ["The data are messages to a harbour office, each with the desk that handles it.", *facts]
    )
