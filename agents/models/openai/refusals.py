"""The parameters of a request that a server's error refuses, in the wordings of many servers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_STATUSES = frozenset({400, 403, 404, 405, 422, 500, 501})
_NAMES = {
    "max_tokens": r"max_?tokens",
    "temperature": r"temperature",
    "seed": r"seed",
    # A common word: only if it is marked as a name.
    "stop": r"""["'`\[]stop["'`\]]|stop[ _]?(?:sequences?|words|strings)|stop (?:parameter|argument|field)"""
    r"""|(?:parameters?|arguments?|fields?)(?: \w+){0,5}:? ?stop"""
    r"""|(?:^|(?<=[:,(])|(?<=[:,(] ))stop(?=:|[\s\])]*(?:[,.;]|$|(?:is|are|not|was|cannot|must|has)\b))""",
    "logprobs": r"(?:top_?|response_?)?log_?probs|log[- ]probabilit(?:y|ies)",
    "response_format": r"response[_ ]?(?:format|schema)|json[_ ]?schema|structured[ _-]outputs?|json[ _]mode"
    r"|grammar",
}
_PATTERNS = {
    name: re.compile(rf"(?<![a-z_])(?:{words})(?![a-z_])", re.IGNORECASE) for name, words in _NAMES.items()
}
_REFUSING = re.compile(
    r"""
      unsupported | unknown | unrecogni[sz]ed | unexpected | unavailable | extraneous | deprecated | invalid
    | \b(not|n't|never|cannot|can't|no\ longer)\b | n't\b | extra[ _](inputs?|fields?|parameters?|forbidden)
    | disallow | forbid | prohibit | illegal | refus | reject | \bonly\b | \bno\ such\b | \bremove\b
    | \bmust\b | \bshould\b | \bexpected\b | \brange\b | \bbetween\b | exceed | too\ (many|large|small)
    | (greater|less|lower|higher|more)\ than | at\ (most|least) | \binstead\b | [<>]=?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_RANGE = re.compile(
    r"""
      \brange\b | \bbetween\b | exceed | too\ (many|large|small|big|high|low) | \bpositive\b
    | (greater|less|lower|higher|more|larger|smaller)\ than | at\ (most|least) | [<>]
    | \b(min|max|minimum|maximum)\b | \bhigher\b | \blower\b | must\ be\ an?\ | \bnon-?zero\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Words by which a server refuses a value, but not the parameter."""
_OF_PARAMETERS = re.compile(
    r"parameter|argument|\bfield|propert|extra inputs|extra_forbidden|unprocessable|\boption\b"
    r"|validation|unrecogni[sz]ed|schema",
    re.IGNORECASE,
)
_LISTED = re.compile(
    r"(expected one of|expected a|did you mean|\b(allowed|supported|valid|permitted|accepted|known|available)"
    r" (fields|parameters|arguments|properties|keys|options|params|values)\b).*",
    re.IGNORECASE | re.DOTALL,
)
"""The beginning of a list of names that the server does accept."""
_SYSTEM = re.compile(
    r"system[ _-]?(role|message|prompt|instruction)s?\b[^.]*\b(not|n't|unsupported|disallowed)\b"
    r"|(not|n't) (support|allow|accept)\w* [^.]*\bsystem\b|unsupported role\b[^.]*\bsystem\b"
    r"|only user and assistant roles|developer instruction is not enabled"
    r"|conversation roles must alternate",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"(?<!\d)[.;!]\s+|(?<=\d)[.;!]\s+(?=[A-Z])|\n")
_PLACE = re.compile(r"""['"]loc['"]:\s*[\[(]([^\])]*)[\])]""")
_ECHO_IN_TEXT = re.compile(r"""['"](input|ctx|url)['"]:.*?(?=['"]loc['"]:|$)""", re.DOTALL)
_OBJECT = re.compile(r"\{[^{}]*:[^{}]*\}")
"""An object in a sentence, which may repeat the request."""
_ECHOES = frozenset({"input", "ctx", "url", "request", "body", "received", "payload", "help"})
"""Keys under which servers repeat what they were sent."""
_PLACE_KEYS = frozenset({"param", "parameter", "field", "argument", "property", "path", "loc"})
_LONGEST = 4000
_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Refusal:
    """The `names` of the parameters that an error refuses; none if it refuses some without their names.

    `by_value` is True if other values of these parameters are accepted.
    """

    names: frozenset[str]
    by_value: bool


def refusal_in(status: int, body: Any, message: str) -> Refusal | None:
    """Return what an error refuses; None if the error is of another kind."""
    if status not in _STATUSES:
        return None
    places, words = _places_and_words(body)
    text = _LISTED.sub("", "\n".join(words) or message)[:_LONGEST]
    names = {name for place in places for name in _named(place)}
    names = names or _refused_in(_OBJECT.sub("", text)) or _refused_in(text)
    if "max_completion_tokens" in text:
        return Refusal(frozenset({"max_tokens", *names}), by_value=False)
    if not names and _SYSTEM.search(text):
        names = {"system"}
    if names and (places or _REFUSING.search(text)):
        return Refusal(frozenset(names), by_value=_RANGE.search(text) is not None)
    return Refusal(frozenset(), by_value=False) if _refuses_some(status, text) else None


def _refuses_some(status: int, text: str) -> bool:
    """Return True if an error seems to refuse parameters that it does not name."""
    if status == 404:
        return "requested parameters" in text
    return status == 422 or (
        status == 400 and bool(_OF_PARAMETERS.search(text)) and bool(_REFUSING.search(text))
    )


def _places_and_words(body: Any) -> tuple[list[str], list[str]]:
    """Return the places that the error points at, and its sentences without echoes of the request."""
    places: list[str] = []
    words: list[str] = []
    for key, text in _strings(body, "", _DEPTH):
        if key in _PLACE_KEYS:
            places.append(text)
            continue
        places += [f"'{place}'" for place in _PLACE.findall(text)]
        words.append(_ECHO_IN_TEXT.sub("", text))
    return [place for place in places if _named(place)], words


def _strings(value: Any, key: str, depth: int) -> Iterator[tuple[str, str]]:
    """Yield the strings of a parsed body, each with its key."""
    if isinstance(value, str):
        yield key, value[:_LONGEST]
    elif isinstance(value, list) and depth:
        if key == "loc":
            yield key, ".".join(map(str, value[:_DEPTH]))
            return
        for item in value[:20]:
            yield from _strings(item, key, depth - 1)
    elif isinstance(value, dict) and depth:
        for name, item in list(value.items())[:50]:
            if name not in _ECHOES:
                yield from _strings(item, name, depth - 1)


def _named(place: str) -> set[str]:
    """Return the parameters in a place such as "body.seed"."""
    parts = re.split(r"[^A-Za-z_]+", place)
    names = {name for name, pattern in _PATTERNS.items() for part in parts if pattern.fullmatch(part)}
    return names | ({"stop"} if "stop" in parts else set())


def _refused_in(text: str) -> set[str]:
    """Return the parameters in the clauses that refuse something, or else the only one in the text."""
    refusing = [clause for clause in _CLAUSE.split(text) if _REFUSING.search(clause)]
    named = set().union(*map(_mentioned, refusing))
    everywhere = _mentioned(text)
    return named or (everywhere if len(everywhere) == 1 else set())


def _mentioned(clause: str) -> set[str]:
    return {name for name, pattern in _PATTERNS.items() if pattern.search(clause)}
