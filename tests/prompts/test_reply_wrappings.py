"""Right answers in every wrapping that models were seen to use, and text that is no reply at all."""

from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from task_making import LETTER, NUMBER, PROPERTY, TEXT, YES_NO, choosing

from transfer_prompting.prompts.reading.answers import read_reply
from transfer_prompting.prompts.reading.guesses import read_guesses
from transfer_prompting.prompts.reading.judgements import read_judgement
from transfer_prompting.prompts.reading.proposals import Unparsed, read_proposal
from transfer_prompting.prompts.task import Task

ANIMALS = choosing("A", "a dog", "a cat", "a cow")
KINDS = {"label": YES_NO, "letter": LETTER, "number": NUMBER, "text": TEXT}
RIGHT = {
    "label": ["yes", "no", "YES", "No"],
    "letter": ["B", "b", "(B)", "B. a cat", "B) a cat", "B (a cat)", "a cat", "option B"],
    "number": ["42", "42.0", "-42", "$42", "42 kg", "4.2e1", "4.2 × 10^1", "42 km/h", "42%", "４２"],
    "text": ["Paris", "the Eiffel Tower", "New York", "It is so"],
}
MEANT = {
    "YES": "yes", "No": "no", "42.0": "42", "$42": "42", "42 kg": "42", "4.2e1": "42", "4.2 × 10^1": "42",
    "42 km/h": "42", "42%": "42", "４２": "42",
} | dict.fromkeys(RIGHT["letter"], "B")  # fmt: skip
DRESS = [
    "{}", "**{}**", "*{}*", "`{}`", '"{}"', "“{}”", "„{}“", "«{}»", "「{}」", "<b>{}</b>", "[{}]", "{} ",
    "\u200b{}\u200b", "**`{}`**", "\\boxed{{{}}}", "\\text{{{}}}",
]  # fmt: skip
CONFIDENCES = [
    "90", "90%", "90 %", "0.9", ".9", "9/10", "90/100", "0,9", "９０", "9 out of 10", "9e1", "about 90",
    "**90**",
]  # fmt: skip
FORMS = [
    "Answer: {a}\nConfidence: {c}", "**Answer:** {a}\n**Confidence:** {c}",
    "- Answer: {a}\n- Confidence: {c}", "1. Answer: {a}\n2. Confidence: {c}",
    "## Answer\n{a}\n\n## Confidence\n{c}", "answer = {a}\nconfidence = {c}",
    "Answer: {a}, Confidence: {c}", "Answer: {a} | Confidence: {c}",
    "| Answer: {a} |\n| Confidence: {c} |", "| Answer | Confidence |\n|---|---|\n| {a} | {c} |",
    "Final Answer: {a}\nConfidence: {c}", "<answer>{a}</answer>\n<confidence>{c}</confidence>",
    "Answer:\n{a}\nConfidence:\n{c}", "Answer：{a}\nConfidence：{c}",
    "The answer is: {a}\nConfidence: {c}", "Confidence: {c}\nAnswer: {a}",
    "```\nAnswer: {a}\nConfidence: {c}\n```", "Answer: {a}\r\nConfidence: {c}\r\n",
    "> Answer: {a}\n> Confidence: {c}", "Answer: {a}<|im_end|>\nConfidence: {c}",
]  # fmt: skip
AROUND = [
    "{}", "\ufeff{}", "{}</s>", "<think>Answer: no\nConfidence: 30</think>\n{}",
    "Answer: no, perhaps 7.</think>\n{}", "<thinking>Is it A, 3 or Rome?</thinking>{}",
    "[THINK]Answer: A[/THINK]{}", "◁think▷Answer: 7◁/think▷{}",
    "<|channel|>analysis<|message|>Answer: 7<|end|><|start|>assistant<|channel|>final<|message|>{}<|return|>",
    "Let me think. It is so.\n\n{}", "Sure! Here it is:\n{}", "{}\n\nExplanation: it is so.",
    "{}\n\nLet me know!", "{}\nMind that the answer: 7 stands elsewhere.",
    "<think>\n<think>\nhm</think>\n{}", "{}\n* Answer: no fits the rest",
    "{}<|im_end|>\n<|im_start|>user\nAnswer: 7\nConfidence: 3",
    "{}\n\nText: Another one.\nAnswer: no\nConfidence: 3",
]  # fmt: skip
LEFT_OPEN = [
    "<think>", "<thinking>\n", "[THINK]", "◁think▷", "<|channel|>analysis<|message|>",
    "<think>a</think><think>",
]  # fmt: skip


@settings(PROPERTY, max_examples=600)
@given(st.data())
def test_wrapped_answers(data: st.DataObject) -> None:
    """A right answer is read in every combination of dress, form and surroundings, with its confidence."""
    kind = data.draw(st.sampled_from(sorted(KINDS)))
    answer = data.draw(st.sampled_from(RIGHT[kind]))
    dress, form = data.draw(st.sampled_from(DRESS)), data.draw(st.sampled_from(FORMS))
    around, confidence = data.draw(st.sampled_from(AROUND)), data.draw(st.sampled_from(CONFIDENCES))
    if kind == "text" and around.startswith("{}\n* Answer"):
        around = "{}"  # Any line is an answer to an open question.
    reply = around.format(form.format(a=dress.format(answer), c=confidence))
    reading = read_reply(reply, KINDS[kind], ANIMALS)
    found = reading.answer
    if kind == "number" and found is not None:
        found = found.removesuffix(".0")
    assert (found, reading.confidence) == (MEANT.get(answer, answer), 0.9)


@PROPERTY
@given(st.data())
def test_reasoning_is_no_answer(data: st.DataObject) -> None:
    """Nothing is read in reasoning that was cut off, whatever it says."""
    kind = data.draw(st.sampled_from(sorted(KINDS)))
    answer = data.draw(st.sampled_from(RIGHT[kind]))
    form, start = data.draw(st.sampled_from(FORMS)), data.draw(st.sampled_from(LEFT_OPEN))
    reading = read_reply(start + form.format(a=answer, c="90"), KINDS[kind], ANIMALS)
    assert (reading.answer, reading.confidence, reading.followed) == (None, None, False)


WORDS = """
Answer Confidence answer: Answer: Confidence: yes no B 42 1,5 90 % / ( ) [ ] { } < > <think> </think> <answer>
</answer> <|im_end|> <|channel|> ``` ** * _ ` " ' “ | \\boxed{ \\frac \ufeff \u200b ² ½ ٤ 。 - – = $ € × 10^3
e9 k million wait, because not Guess Probability 1: #### Score: <instruction> </instruction>
Text: {"answer": |---|
"""
PIECES = st.sampled_from([*WORDS.split(), "\n", " ", "\n\n"])
ANY = st.one_of(
    st.text(), st.lists(PIECES, max_size=25).map("".join), st.lists(PIECES, max_size=25).map(" ".join)
)


@settings(PROPERTY, max_examples=400)
@given(ANY, st.sampled_from(sorted(KINDS)), st.booleans(), st.integers(1, 3))
def test_any_reply(text: str, kind: str, cut: bool, wanted: int) -> None:
    """No reply raises an error; an answer is an option of the example, and a confidence lies in [0, 1]."""
    task = KINDS[kind]
    for reply in (text, f"Answer: {text}\nConfidence: {text}"):
        reading = read_reply(reply, task, ANIMALS, wanted, cut=cut)
        options = task.options(ANIMALS)
        assert reading.answer is None or options is None or reading.answer in options
        assert reading.confidence is None or 0 <= reading.confidence <= 1
        assert not reading.followed or None not in (reading.answer, reading.confidence)


@settings(PROPERTY, max_examples=200)
@given(ANY)
def test_any_other_reply(text: str) -> None:
    """No reply to a request for an instruction or a judgement raises another error than the expected one."""
    score = read_judgement(text, (1, 5))
    assert score is None or 1 <= score <= 5
    for marked in (True, False):
        with suppress(Unparsed):
            assert len(read_proposal(text, marked=marked).split()) > 1


UNITS = [
    "<", "<think>", "</think>", "[Reasoning]", "<answer>", "{", "[", '{"answer":', "Answer: ",
    "Answer: yes\n", "answer is ", "Confidence: 90\n", "\n", " ", "```\n", "|answer|confidence|\n",
    "\\boxed{", "1", "1,", "1 000 ", "(", "**a", "<|", "a:", "<|channel|>", "#### 1\n", "90% sure ",
    "yes, ", "the answer ", "<instruction>", "<instruction></instruction>", "<prompt>\n",
    "Instruction:\n", "here is the ", "\u200b", "²", "«", "because ", "Guess 1: yes ", "<a ", "Score: ",
    "wait ",
]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS, ids=ascii)
def test_long_replies(unit: str) -> None:
    """A reply of 100,000 characters that repeats one thing is read in linear time, so the test ends."""
    text = unit * (100_000 // len(unit))
    kinds: Sequence[Task] = list(KINDS.values())
    for number, reply in enumerate((text, f"Answer: {text}\nConfidence: 90")):
        read_reply(reply, kinds[(len(unit) + number) % len(kinds)], ANIMALS)
    read_guesses(text, NUMBER, ANIMALS, 2)
    read_judgement(text, (1, 5))
    with suppress(Unparsed):
        read_proposal(text)
