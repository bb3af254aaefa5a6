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


@pytest.mark.parametrize(
    "reply",
    [
        f"<think>Or <instruction>Do this instead.</instruction>?</think>\n<instruction>{GOOD}</instruction>",
        f"<think>It is vague.</think>{GOOD}",
        f"It is vague.</think>\n\n{GOOD}",
        f"<reasoning>It is vague.</reasoning>\n\nInstruction: {GOOD}",
        f"[THINK]It is vague.[/THINK]{GOOD}",
        f"◁think▷It is vague.◁/think▷<instruction>{GOOD}</instruction>",
        f"<|channel|>analysis<|message|>It is vague.<|end|><|channel|>final<|message|>{GOOD}<|return|>",
        f"analysisIt is vague.assistantfinal{GOOD}",
        f"<instruction>{GOOD}</instruction>\n<think>Was that good",
        f"<instruction>{GOOD}</instruction><|im_end|>\n<|im_start|>user\n<instruction>More.</instruction>",
    ],
)
def test_reasoning_is_no_instruction(reply: str) -> None:
    """Reasoning in a reply is passed over, whatever tags are in it."""
    assert read_proposal(reply) == GOOD


@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize(
    "reply",
    [
        "<think>I should write a prompt that",
        "<think>I should write <instruction>Do this instead.</instruction> or",
        "<think>It is vague.</think>",
        "<think>It is vague.</think><think>I should write",
        "<thinking>\nI should write a prompt",
        "Sure! <think>I should write a prompt",
        "[THINK]I should write a prompt",
        "◁think▷I should write a prompt",
        "<|channel|>analysis<|message|>I should write a prompt",
        "analysisWe should write a prompt",
    ],
)
def test_reasoning_alone(reply: str, marked: bool) -> None:
    """A reply that holds nothing but reasoning, cut off or not, has no instruction."""
    with pytest.raises(Unparsed):
        read_proposal(reply, marked=marked)


@pytest.mark.parametrize(
    "text",
    [
        "Read the <text> and answer.",
        "Read what stands in <text>...</text> and in <input>.",
        "Write your thoughts in <thinking></thinking> tags, then the answer.",
        "Reply with <answer>X</answer> only.",
        "Think in <think> tags, then answer.",
        "If a < b > c, say <b>yes</b>.",
        "Fill the <prompt> in. Use {input}.",
    ],
)
@pytest.mark.parametrize(
    "around",
    [
        "<instruction>{}</instruction>",
        "<instruction>{}",
        "<think>Use <text>?</think>\n<INSTRUCTION lang='en'>\n{}\n</INSTRUCTION>",
        "```xml\n<instruction>\n{}\n</instruction>\n```",
        "<instruction>\n```\n{}\n```\n</instruction>",
    ],
)
def test_other_tags_survive(text: str, around: str) -> None:
    """Tags in an instruction belong to it, also those that would mark reasoning elsewhere."""
    assert read_proposal(around.replace("{}", text)) == text


@pytest.mark.parametrize(
    "text", ["Read the <text> and answer.", "Answer in <b>one</b> word. Mind the <input>."]
)
def test_other_tags_survive_alone(text: str) -> None:
    """Tags in an instruction without its own tags belong to it."""
    assert read_proposal(text) == text


@pytest.mark.parametrize(
    "reply",
    [
        f"Here is the improved instruction:\n\n{GOOD}",
        f"Here is the improved instruction: {GOOD}",
        f"Sure! Here's the new prompt:\n{GOOD}",
        f'Okay, here is my improved version of the instruction:\n"{GOOD}"',
        f"<instruction>Here is the improved instruction:\n{GOOD}</instruction>",
        f"**Improved instruction:**\n{GOOD}",
        f"## New Instruction\n\n{GOOD}",
        f"The improved instruction is:\n{GOOD}",
        f"I suggest the following instruction:\n\n{GOOD}",
        f"Final instruction:\n\n> {GOOD}",
        f"Certainly.\n\n{GOOD}",
        f"{GOOD}\n\nThis instruction is better because it is short.",
        f"{GOOD}\n\nLet me know if it helps.",
    ],
)
def test_polite_words_are_left_out(reply: str) -> None:
    """Words that introduce the instruction or praise it are no part of it."""
    assert read_proposal(reply) == GOOD


@pytest.mark.parametrize(
    "reply",
    [
        f"<instruction>An old one.\n<instruction>{GOOD}</instruction>",
        f"<instruction><instruction>{GOOD}</instruction>",
        f"<instruction>\n{GOOD}\n<instruction>",
        f"{GOOD}</instruction>\nDone.",
        f"&lt;instruction&gt;{GOOD}&lt;/instruction&gt;",
        f"<new_instruction>{GOOD}</new_instruction>",
        f'{{"instruction": "{GOOD}"}}',
        f"\ufeff<instruction>\u200b{GOOD}</instruction>",
    ],
)
def test_damaged_marks(reply: str) -> None:
    """Tags that are repeated, escaped or not closed still mark the instruction."""
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
