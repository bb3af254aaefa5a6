"""All texts: a reflection that rewrites every text of a prompt at once, for failures that span them."""

from ...prompts.named_texts import split_texts
from ...prompts.reading.proposals import Unparsed
from .base import Question
from .material import Material
from .reflection import Reflection


class AllTexts(Reflection):
    """Shows mistakes of one of the best prompts with their whole traces, and asks for all of its texts."""

    name = "all_texts"
    whole = True

    def wants(self, material: Material) -> bool:
        """Return whether a prompt has several texts, and some prompt has known mistakes."""
        return bool(material.texts) and super().wants(material)

    def read(self, reply: str, question: Question) -> str:
        """Return the new prompt in `reply`. Raises `Unparsed` also if a text is missing."""
        text = super().read(reply, question)
        if question.texts and split_texts(text, question.texts) is None:
            lines = ", ".join(f"[[{name}]]" for name in question.texts)
            raise Unparsed(f"it must hold each of the lines {lines} once, in this order")
        return text
