r"""Text from outside made safe to show: control and invisible characters become visible escapes.

Prompts, replies, errors and names can hold terminal commands (colours, the clipboard, the window title), and
characters that hide text or turn its direction. Each becomes a JSON escape such as \u001b. So a JSON document
that passes through `visible` keeps its meaning, and every encoding can express the result.
"""

import codecs
import re

_ASCII_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_JOINER = r"[\u200c\u200d]"
_UNSAFE = re.compile(
    # C0 without tab and line feed, DEL and C1.
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f"
    # Soft hyphen, combining joiner, Arabic letter mark, Hangul fillers, Khmer and Mongolian controls.
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    # Zero width and direction marks, line and paragraph separator, overrides, isolates, invisible operators.
    r"\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    # Further fillers, variation selectors but the two for emoji, byte order mark, non-characters.
    r"\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    # Lone surrogates; shorthand and musical controls, tags and further variation selectors.
    r"\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    # Joiners and the selectors for emoji are in order between letters of scripts that need them.
    rf"|{_JOINER}(?![^\x00-\x7f\u200c\u200d])|(?<![^\x00-\x7f\u200c\u200d]){_JOINER}"
    r"|(?<=[\ufe0e\ufe0f])[\ufe0e\ufe0f]"
)


def visible(text: str) -> str:
    """Return `text` with control and invisible characters as escapes; tabs and line breaks stay."""
    unsafe = _ASCII_UNSAFE if text.isascii() else _UNSAFE
    return unsafe.sub(_escaped, text.replace("\r\n", "\n"))


def harmless(text: str) -> str:
    """Return `text` as `visible` does, and with a space for each tab, so that its width is known."""
    return visible(text.replace("\t", " "))


def one_line(text: str) -> str:
    """Return `text` on a single line, without control and invisible characters."""
    return harmless(" ".join(text.split()))


def _escaped(found: re.Match[str]) -> str:
    return "".join(map(escape, found[0]))


def escape(character: str) -> str:
    r"""Return a character as JSON escapes it: \u001b, or two such escapes beyond the first 65,536."""
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def _unencodable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(escape, error.object[error.start : error.end])), error.end


ESCAPED = "transfer_prompting.escaped"
"""Name of the error handler that writes what an encoding cannot express as JSON escapes."""
codecs.register_error(ESCAPED, _unencodable)
