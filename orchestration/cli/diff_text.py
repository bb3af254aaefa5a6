"""A text with the changes from another text marked in it."""

from rich.text import Text

from ..console.visible import harmless
from ..projections.family_tree import WordChange, word_diff

_STYLES: dict[WordChange, str] = {"same": "", "gone": "red strike", "new": "green underline"}


def diff_text(before: str, after: str) -> Text:
    """Return `after` with the words that are new and the words that are gone, marked by signs and colours."""
    text = Text()
    for change, piece in word_diff(before, after):
        words = harmless(piece)
        signs = {"gone": f"[-{words}-]", "new": f"{{+{words}+}}"}
        text.append(signs.get(change, words), _STYLES[change])
    return text
