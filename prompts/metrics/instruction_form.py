"""Instructions of IFEval about form: lists, sections, titles, JSON, beginnings and ends."""

import json
import re

from .feedback import shown
from .instruction_arguments import Arguments, at_least, exactly, number, text

_BULLET = re.compile(r"^\s*(?:\*(?!\*)|-)\s*\S", re.MULTILINE)
_HIGHLIGHT = re.compile(r"\*\*([^\n*]+)\*\*|\*([^\n*]+)\*")
_PLACEHOLDER = re.compile(r"\[[^\n\]]*\]")
_TITLE = re.compile(r"<<([^\n<>]+)>>")
_RULE = re.compile(r"\s?\*\*\*\s?")
_CHOICES = ("My answer is yes.", "My answer is no.", "My answer is maybe.")
_POSTSCRIPTS = {
    "p.p.s": re.compile(r"p\.\s?p\.\s?s", re.IGNORECASE),
    "p.s.": re.compile(r"p\.\s?s\.", re.IGNORECASE),
}


def number_highlighted_sections(reply: str, arguments: Arguments) -> str | None:
    """There are enough passages between asterisks."""
    found = sum(any(part and part.strip() for part in one) for one in _HIGHLIGHT.findall(reply))
    return at_least(found, number(arguments, "num_highlights"), "passages *highlighted* by asterisks")


def number_bullet_lists(reply: str, arguments: Arguments) -> str | None:
    """There are exactly as many bullet points as demanded."""
    wanted = number(arguments, "num_bullets")
    return exactly(len(_BULLET.findall(reply)), wanted, "bullet points that begin with * or -")


def number_placeholders(reply: str, arguments: Arguments) -> str | None:
    """There are enough placeholders in square brackets."""
    wanted = number(arguments, "num_placeholders")
    return at_least(
        len(_PLACEHOLDER.findall(reply)), wanted, "placeholders in square brackets, such as [address]"
    )


def number_paragraphs(reply: str, arguments: Arguments) -> str | None:
    """There are exactly as many paragraphs as demanded, with three asterisks between them."""
    parts = _RULE.split(reply)
    ends = [part for part in (parts[0], parts[-1]) if not part.strip()]
    if any(not part.strip() for part in parts[1:-1]):
        return "no paragraph between two dividers *** may be empty"
    return exactly(
        len(parts) - len(ends), number(arguments, "num_paragraphs"), "paragraphs with *** between them"
    )


def postscript(reply: str, arguments: Arguments) -> str | None:
    """There is a postscript after its marker."""
    marker = text(arguments, "postscript_marker").strip()
    pattern = _POSTSCRIPTS.get(marker.lower())
    found = pattern.search(reply) if pattern else marker.lower() in reply.lower()
    return None if found else f"it must end with a postscript that begins with {shown(marker)}"


def title(reply: str, arguments: Arguments) -> str | None:
    """There is a title between double angular brackets."""
    found = any(name.strip() for name in _TITLE.findall(reply))
    return None if found else "it must have a title in double angular brackets, such as <<title>>"


def json_format(reply: str, arguments: Arguments) -> str | None:
    """The whole reply is JSON; a fence of code around it does not count."""
    body = re.sub(r"\A\s*```(?:json)?|```\s*\Z", "", reply, flags=re.IGNORECASE).strip()
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return "the whole of it must be valid JSON"
    return None


def multiple_sections(reply: str, arguments: Arguments) -> str | None:
    """There are enough sections, each after its marker and a number."""
    marker, wanted = text(arguments, "section_spliter").strip(), number(arguments, "num_sections")
    found = len(re.findall(rf"{re.escape(marker)}\s?\d", reply))
    return at_least(found, wanted, f"sections marked {shown(f'{marker} 1')} and so on")


def constrained_response(reply: str, arguments: Arguments) -> str | None:
    """The reply contains one of three phrases."""
    return (
        None
        if any(one in reply for one in _CHOICES)
        else f"it must contain one of {', '.join(map(shown, _CHOICES))}"
    )


def two_responses(reply: str, arguments: Arguments) -> str | None:
    """There are two different responses with six asterisks between them."""
    parts = [part.strip() for part in reply.split("******")]
    inner = parts[1:-1]
    responses = [part for part in parts if part]
    if len(responses) != 2 or any(not part for part in inner):
        return f"it must be exactly two responses with ****** between them and is {len(responses)}"
    return None if responses[0] != responses[1] else "its two responses must differ"


def repeat_prompt(reply: str, arguments: Arguments) -> str | None:
    """The reply begins with the request, word for word."""
    wanted = text(arguments, "prompt_to_repeat").strip()
    if reply.strip().lower().startswith(wanted.lower()):
        return None
    return f"it must first repeat the request word for word: {shown(wanted, 80)}"


def end_checker(reply: str, arguments: Arguments) -> str | None:
    """The reply ends with a phrase; quotation marks around the reply do not count."""
    phrase = text(arguments, "end_phrase").strip()
    ends = reply.strip().strip('"').lower().endswith(phrase.lower())
    return None if ends else f"it must end with {shown(phrase)} and nothing after it"


def quotation(reply: str, arguments: Arguments) -> str | None:
    """The whole reply stands between double quotation marks."""
    bare = reply.strip()
    wrapped = len(bare) > 1 and bare[0] == bare[-1] == '"'
    return None if wrapped else "the whole of it must stand between double quotation marks"


def no_comma(reply: str, arguments: Arguments) -> str | None:
    """There is no comma."""
    count = reply.count(",")
    return f"it must have no commas and has {count}" if count else None
