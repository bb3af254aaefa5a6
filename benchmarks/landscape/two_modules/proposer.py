"""The simulated proposer for one text of a program.

It is the proposer of the other landscapes, which sees for each module only what that module shows: the mark
on the envelope leads to a rule of `retrieve`, and what the notice underlines to a rule of `answer`. A failure
counts against `retrieve` if the notice found is about another matter, and against `answer` if it is the right
one.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from random import Random

from transfer_prompting.agents.models.base import ModelReply, ModelRequest

from ..frames import conversation, reply_to
from ..meta_prompt import TRIED, MetaPrompt, Shown, examples_in, read_meta_prompt, subjects
from ..prompt import CASE
from ..proposer import Proposer, Reliability
from ..words import chance
from .joint import is_joint, rewritten_jointly
from .words import (
    ANSWER,
    NOT_FOUND,
    RETRIEVE,
    answer_sentences,
    from_retrieve,
    retrieve_sentences,
    to_retrieve,
    topic_of_notice,
)

_SIGNATURE = re.compile(r"^\s*instructions='.*'$", re.MULTILINE)
"""An instruction as DSPy shows it in the code of a program. It need not be the one that is to be improved."""
_OTHER = re.compile(r"<text\b[^>]*>.*?</text>", re.DOTALL)
"""A text that is shown and is to stay as it is."""
_NAMED = re.compile(rf"""\bnamed ["'`]({RETRIEVE}|{ANSWER})["'`]""")
_ENVELOPE = "The envelope bears"


class ModuleProposer:
    """Answers requests with proposals for one text, or for both if a request shows both as one prompt."""

    def __init__(self, seed: int, reliability: Reliability | None = None) -> None:
        self._seed = seed
        self._reliability = reliability or Reliability()
        self._proposers = {
            name: Proposer(seed, self._reliability, partial(_read, shown_in=shown))
            for name, shown in _SHOWN.items()
        }

    def __call__(self, request: ModelRequest) -> ModelReply:
        """Return the reply, in the format that the request demands."""
        return reply_to(request, self.write(conversation(request), request.seed, request.sample))

    def write(self, text: str, *sample: object) -> str:
        """Return a reply to `text`. `sample` distinguishes several replies to the same text."""
        for left_out in (TRIED, _OTHER, _SIGNATURE):
            text = left_out.sub("", text)
        if not is_joint(text):
            return self._module(module_of(text), text, sample)
        random = Random(chance(self._seed, text, "modules", *sample))
        return rewritten_jointly(
            text, random, self._reliability.further, partial(self._module, sample=sample)
        )

    def _module(self, module: str, text: str, sample: Sequence[object]) -> str:
        if module == RETRIEVE:
            return to_retrieve(self._proposers[RETRIEVE].write(from_retrieve(text), *sample))
        return self._proposers[ANSWER].write(text, *sample)


def module_of(text: str) -> str:
    """Return the name of the text that a request is about, by its words, or else its prompts and examples."""
    if named := _NAMED.findall(text):
        return str(named[-1])
    searching, answering = retrieve_sentences(text), answer_sentences(text)
    if searching == answering:
        return ANSWER if topic_of_notice(text) and _ENVELOPE not in text else RETRIEVE
    return RETRIEVE if searching > answering else ANSWER


def shown_to_retrieve(text: str) -> list[Shown]:
    """Return the examples whose envelope is shown. They failed if the notice found is not theirs."""
    found = []
    for segment, failed, coded in examples_in(_once(text)):
        notice = topic_of_notice(segment)
        for topic, clue in subjects(segment)[:1]:
            if notice is not None or NOT_FOUND in segment:
                failed, coded = notice != topic, coded and notice is None
            if clue is not None:
                found.append(Shown(topic, clue, failed, coded))
    return found


def shown_to_answer(text: str) -> list[Shown]:
    """Return the examples that show the right notice. From the others, `answer` can learn nothing."""
    return [
        Shown(topic, clue, failed, coded)
        for segment, failed, coded in examples_in(_once(text))
        for topic, clue in subjects(segment)[:1]
        if clue is not None and topic_of_notice(segment) == topic
    ]


_SHOWN: Mapping[str, Callable[[str], list[Shown]]] = {RETRIEVE: shown_to_retrieve, ANSWER: shown_to_answer}


def _read(text: str, shown_in: Callable[[str], list[Shown]]) -> MetaPrompt:
    return read_meta_prompt(text, shown_in)


def _once(text: str) -> str:
    """Return the text with each example's number at its first place only, so that its steps stay together."""
    parts, last, number = [], 0, None
    for case in CASE.finditer(text):
        if case[1] == number:
            parts.append(text[last : case.start()])
            last = case.end()
        number = case[1]
    return "".join([*parts, text[last:]])
