"""Reading the new instruction in a model's reply."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from task_making import PROPERTY

from transfer_prompting.prompts.reading.proposals import MAX_CHARACTERS, Unparsed, read_proposal

GOOD = "Read it twice, then answer."


@pytest.mark.parametrize(
    "reply",
    [
        GOOD,
        f"  {GOOD}\n",
        f"<instruction>{GOOD}</instruction>",
        f"Sure!\n<INSTRUCTION>\n{GOOD}\n</Instruction>\nGood luck.",
        f'<instruction score="90">{GOOD}</instruction >',
        f"<ins>{GOOD}</ins>",
        f"<prompt>{GOOD}</prompt>",
        f"<text>{GOOD}</text>",
        f"<instruction>{GOOD}",
        f"<instruction><instruction>{GOOD}</instruction></instruction>",
        f"<instruction><prompt>{GOOD}</prompt></instruction>",
        f"<instruction>An older one.</instruction>\n<instruction>{GOOD}</instruction>",
        f"<instruction>{GOOD}</instruction><instruction> </instruction>",
        f"Here it is:\n```\n{GOOD}\n```",
        f"```text\n{GOOD}\n```\nThis works well.",
        f"Instruction: {GOOD}",
        f"**New instruction:** {GOOD}",
        f"Here you are.\nPrompt:\n{GOOD}",
        f"1. {GOOD}\n2. Another one of these.",
        f"Some ideas:\n- {GOOD}\n- Another one of these.",
        f'"{GOOD}"',
        f"“{GOOD}”",
        f"**{GOOD}**",
        f'**"{GOOD}"**',
        f'"**{GOOD}**"',
        f"'{GOOD}'",
    ],
)
def test_found(reply: str) -> None:
    """The instruction is found between tags, in a fence, after a label, in a list, in quotes, or bare."""
    assert read_proposal(reply) == GOOD


def test_tags_win_over_the_rest() -> None:
    """Text between tags is preferred to lists and fences."""
    reply = f"1. Think of this.\n```\nOr this one.\n```\n<instruction>{GOOD}</instruction>"
    assert read_proposal(reply) == GOOD


def test_several_lines_are_kept() -> None:
    """An instruction may have several lines; runs of blanks become single blanks."""
    assert read_proposal("<ins>First  read.\nThen   answer.</ins>") == "First read.\nThen answer."


@pytest.mark.parametrize(
    "text", ['"yes" or "no"', "Say 'yes' or 'no'", "**Read** and **answer**", '"Yes" is right.']
)
def test_inner_quotes_stay(text: str) -> None:
    """Quotes that do not enclose the whole instruction belong to it."""
    assert read_proposal(text) == text


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "it is empty"),
        ("  \n ", "it is empty"),
        ("<instruction></instruction>", "it is empty"),
        ("<instruction>", "it is empty"),
        ('""', "is"),
        ("yes", "'yes' is not an instruction"),
        ("<instruction>Go</instruction>", "'Go' is not an instruction"),
        ("word " * 500, f"it has 2499 characters, at most {MAX_CHARACTERS} are allowed"),
    ],
)
def test_unparsed(reply: str, reason: str) -> None:
    """A reply without an instruction is refused, and the reason fits after "could not be used:"."""
    with pytest.raises(Unparsed, match=reason):
        read_proposal(reply)


@pytest.mark.parametrize("reply", [GOOD, f"Instruction: {GOOD}", f"```\n{GOOD}\n```", ""])
def test_marked(reply: str) -> None:
    """If a model was asked to think first, only text after a tag is its instruction."""
    with pytest.raises(Unparsed, match="no <instruction> in it"):
        read_proposal(reply, marked=True)
    assert read_proposal(f"It is vague.\n<instruction>{GOOD}", marked=True) == GOOD


def test_longest_instruction() -> None:
    """An instruction of exactly the greatest length is accepted."""
    text = "a " * (MAX_CHARACTERS // 2 - 1) + "ab"
    assert len(text) == MAX_CHARACTERS
    assert read_proposal(text) == text


TAGS = ["<instruction>", "</instruction>", "<ins>", "</prompt>", "<", ">"]
SIGNS = ["```", "```\n", "Instruction:", "\n", "1. ", "- ", '"', "“", "”", "*", "**", "'", " "]
PIECES = st.sampled_from([*TAGS, *SIGNS, "words here", "é"])


@PROPERTY
@given(st.one_of(st.text(), st.lists(PIECES, max_size=12).map("".join)))
def test_any_reply(reply: str) -> None:
    """Any reply raises `Unparsed` or yields a bare instruction of two words or more and allowed length."""
    try:
        found = read_proposal(reply)
    except Unparsed:
        return
    assert found == found.strip()
    assert 0 < len(found) <= MAX_CHARACTERS
    assert len(found.split()) >= 2
    assert "<instruction>" not in found


@PROPERTY
@given(st.lists(st.from_regex(r"[A-Za-z,]{1,12}", fullmatch=True), min_size=2, max_size=30).map(" ".join))
def test_tagged_words_read_back(text: str) -> None:
    """Plain words between the demanded tags are read back unchanged."""
    assert read_proposal(f"Here:\n<instruction>{text}.</instruction>") == f"{text}."
