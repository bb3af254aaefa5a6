"""Remove reasoning from a reply: only what a model says outside it is meant for the reader.

A block of reasoning that has no end was cut off. Everything in it is reasoning, because its end is unknown.
If a block has an end but no beginning, it began in the request.
"""

import re
from collections.abc import Callable, Container

_NAMES = (
    "think|thinking|thoughts?|thought_process|reason|reasoning|analysis|reflection|scratch_?pad|monologue|"
    "inner_monologue|inner_thoughts?|rationale|deliberation|chain_of_thought|cot|antthinking"
)
_TAG = re.compile(
    r"(?P<bracket><[|｜]?|\[|◁|&lt;)\s?(?:(?P<close>/\s?|end_of_|end_)|begin_of_|begin_|start_of_|start_)?(?:\w{1,12}:)?"
    rf"(?P<name>{_NAMES})(?:\s[^<>\[\]\n]{{0,200}})?\s?(?:[|｜]?>|\]|▷|&gt;)",
    re.IGNORECASE,
)
_OTHER_BLOCKS = (
    (re.compile(r"<details\s[^<>\n]{0,200}reasoning[^<>\n]{0,200}>", re.IGNORECASE), "</details>"),
    (re.compile(r"```\s?(?:think|thinking|thoughts?|reasoning)(?=\n)", re.IGNORECASE), "\n```"),
    (re.compile(r"<\|channel>(?:thought|analysis)\b"), "<channel|>"),
)
_CHANNEL = re.compile(r"<\|channel\|>", re.IGNORECASE)
_MESSAGE_END = re.compile(r"<\|(?:end|return|call|start)\|>", re.IGNORECASE)
_BARE_ANALYSIS = re.compile(r"\s*(?:analysis|commentary)(?=[A-Z])")
"""Beginning of a channel whose special tokens were left out: "analysisWe need"."""
_BARE_FINAL = "assistantfinal"
_THOUGHTS, _RESPONSE = "here is my thought process:", "here is my response:"
_WORD = re.compile(r"\S")
_LINE_END = re.compile(r"[ \t]{0,20}\n")

EndOf = Callable[[int], int]
"""Return the end of the passage that begins at a position."""


def without_reasoning(text: str) -> str:
    """Return what `text` says outside its reasoning; "" if that is nothing."""
    text = _response(final_channel(text))
    for opening, closing in _OTHER_BLOCKS:
        text = _without_blocks(text, opening, closing)
    return outside_tags(text)


def final_channel(text: str) -> str:
    """Return the final message of a reply in channels, as gpt-oss writes them; other replies as they are."""
    before, *messages = _CHANNEL.split(text)
    if messages:
        finals = [message for message in messages if message.lstrip()[:5].casefold() == "final"]
        if not finals:
            return ""
        head, mark, body = finals[-1].partition("<|message|>")
        return _MESSAGE_END.split(body if mark else head.lstrip()[5:], maxsplit=1)[0]
    if _BARE_ANALYSIS.match(text):
        return text.rpartition(_BARE_FINAL)[2] if _BARE_FINAL in text else ""
    return before


def outside_tags(text: str, kept: re.Pattern[str] | None = None, end_of: EndOf | None = None) -> str:
    """Return `text` without the blocks of reasoning between tags such as <think> and </think>.

    A passage that begins with `kept` outside reasoning is kept up to its end, whatever tags are in it.
    """
    said: list[str] = []
    at = 0
    tag = _TAG.search(text)
    ended = {tag["name"].casefold() for tag in _TAG.finditer(text) if tag["close"]}
    while True:
        if tag and tag.start() < at:
            tag = _TAG.search(text, at)
        passage = kept.search(text, at, tag.start() if tag else len(text)) if kept else None
        if passage and end_of:
            begin, at = at, end_of(passage.start())
            said.append(text[begin:at])
        elif tag is None:
            return "".join([*said, text[at:]])
        elif _is_heading(tag, ended):
            said.append(text[at : tag.end()])
            at = tag.end()
        elif tag["close"]:
            said, at = [], tag.end()
        else:
            said.append(text[at : tag.start()])
            at = _end_of_block(text, tag)


def _response(text: str) -> str:
    """Return the response of a reply with the headings of Granite's reasoning."""
    if text.lstrip()[: len(_THOUGHTS)].casefold() != _THOUGHTS:
        return text
    found = list(re.finditer(_RESPONSE, text, re.IGNORECASE))
    return text[found[-1].end() :] if found else ""


def _without_blocks(text: str, opening: re.Pattern[str], closing: str) -> str:
    said: list[str] = []
    at = 0
    while begin := opening.search(text, at):
        said.append(text[at : begin.start()])
        end = text.find(closing, begin.end())
        at = end + len(closing) if end >= 0 else len(text)
    return "".join([*said, text[at:]])


def _is_heading(tag: re.Match[str], ended: Container[str]) -> bool:
    """Return whether a tag in square brackets, such as [Analysis], has no end and so may be a heading."""
    heading = tag["bracket"] == "[" and not tag["close"] and not tag["name"].casefold().startswith("think")
    return heading and tag["name"].casefold() not in ended


def _end_of_block(text: str, opening: re.Match[str]) -> int:
    """Return the end of the block of reasoning that begins with the tag `opening`.

    A tag in the middle of a line of reasoning may begin an inner block, or be a word about tags. Then the
    next end is the end of the whole if a new line follows it.
    """
    inner = mentioned = 0
    name, at = opening["name"].casefold(), opening.end()
    begun = at
    while tag := _TAG.search(text, at):
        at = tag.end()
        if tag["name"].casefold() != name:
            continue
        if not tag["close"]:
            if not _WORD.search(text, begun, tag.start()):
                begun = at  # The request and the reply both begin the block.
            elif text[max(begun, tag.start() - 20) : tag.start()].rstrip(" \t").endswith("\n"):
                inner += 1
            else:
                mentioned += 1
        elif inner:
            inner -= 1
        elif mentioned and not _LINE_END.match(text, at):
            mentioned -= 1
        else:
            return at
    return len(text)
