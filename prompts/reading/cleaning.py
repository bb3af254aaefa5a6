"""Remove from a reply what no reader sees: invisible signs, special tokens, and the turns of others."""

import re

_LINE_BREAK = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_JOINER = re.compile("(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])")
"""Joiners between letters that do not join: in other scripts, and in emoji, they belong to the text."""
_OTHER_TURN = re.compile(
    r"<\|(?:im_start|start_header_id|start|role_start)\|>\s{0,9}(?:user|system|tool|human|developer)\b"
    r"|<\|(?:user|system|human)\|>|<[|｜]User[|｜]>|<start_of_turn>\s{0,9}user\b|\[INST\]",
    re.IGNORECASE,
)
_OWN_TURN = re.compile(
    r"<\|(?:im_start|start_header_id|start|role_start)\|>\s{0,9}(?:assistant|model)(?:<\|end_header_id\|>)?"
    r"|<start_of_turn>\s{0,9}model\b",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"<[|｜][^|｜<>\n]{1,40}[|｜]>|</s>|</?(?:eos|bos|pad|unk|eot|eod|end_of_turn|start_of_turn|end_of_text)>"
    r"|\[/?INST\]|\[/?(?:EOS|BOS|PAD)\]",
    re.IGNORECASE,
)


def visible(text: str) -> str:
    """Return `text` without invisible signs, and with the line feed as its only line break."""
    return _JOINER.sub("", _INVISIBLE.sub("", _LINE_BREAK.sub("\n", text)))


def without_tokens(text: str) -> str:
    """Return the model's own turn in `text`, without end tokens and the like.

    A model that misses its end goes on with the turn of another speaker, which is not its reply.
    """
    other = _OTHER_TURN.search(text)
    if other and text[: other.start()].strip():
        text = text[: other.start()]
    return _TOKEN.sub("", _OWN_TURN.sub("", text).removeprefix("<s>"))
