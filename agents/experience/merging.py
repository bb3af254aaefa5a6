"""An edit that puts rules into a prompt."""

from collections.abc import Iterable, Sequence

from ...prompts.demonstrations import split_prompt
from ...prompts.message_templates import placeholders
from ...prompts.named_texts import join_texts, split_texts
from .lessons import Lesson


def merged(
    prompt: str, names: Sequence[str], lessons: Iterable[Lesson], characters: int
) -> tuple[str, list[Lesson]]:
    """Return the prompt with the sentences of `lessons`, and the lessons that it now holds.

    Each goes to the end of its text, or before the place of the input, until the prompt has so many
    `characters`. A prompt that does not hold the texts `names` is returned as it is.
    """
    instruction, demonstrations = split_prompt(prompt)
    texts = split_texts(instruction, names)
    if texts is None:
        return prompt, []
    added: dict[str, list[str]] = {name: [] for name in texts}
    held: list[Lesson] = []
    room = characters - len(prompt)
    for lesson in lessons:
        name = lesson.text or names[0]
        room_left = room - len(lesson.sentence) - 1
        if name in texts and lesson.sentence not in texts[name] and room_left >= 0:
            added[name].append(lesson.sentence)
            held.append(lesson)
            room = room_left
    joined = join_texts({name: _with(text, added[name]) for name, text in texts.items()})
    return joined + demonstrations, held


def _with(text: str, sentences: Sequence[str]) -> str:
    """Return a text with sentences at its end, or above the line in which the first column is placed."""
    rules = " ".join(sentences)
    if not rules:
        return text
    if not placeholders(text):
        return f"{text} {rules}".strip()
    lines = text.split("\n")
    place = next(n for n, line in enumerate(lines) if placeholders(line))
    return "\n".join([*lines[:place], rules, *lines[place:]])
