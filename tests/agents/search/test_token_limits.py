"""Token limits that are chosen by the model, the form of the request, and the answers."""

from typing import Any

import pytest
from pydantic import ValidationError
from task_making import LETTER, NUMBER, TEXT, YES_NO, example, task

from transfer_prompting.agents.models.kinds import ModelKind
from transfer_prompting.agents.search.settings import SearchOptions, SearchSettings
from transfer_prompting.agents.search.token_limits import answer_limit, expected_answer
from transfer_prompting.prompts.task import AnswerFormat, MessageTemplate, Task

KINDS: tuple[ModelKind, ...] = ("local", "endpoint", "thinking")
SCHEMA = '{"type": "object"}'
SUMMARY = "Der Stadtrat hat am Dienstag beschlossen, die Brücke über die Saale zu erneuern. " * 8


def long_answers() -> Task:
    """Return a task whose right answers are summaries of 650 characters."""
    return task("raw", frame="own", train=tuple(example(SUMMARY[:n], id=f"e{n}") for n in (80, 650)))


@pytest.mark.parametrize("short", [YES_NO, LETTER, NUMBER, TEXT])
def test_short_answers(short: Task) -> None:
    """A model in this process gets what an answer and a confidence need; an endpoint may write more."""
    found = [answer_limit("auto", kind, short) for kind in KINDS]
    assert found[0] == 48
    assert found[1] in (1024, 2048)
    assert found[2] == 8192


@pytest.mark.parametrize("frame", ["reason, then answer", "own"])
def test_reasoning_gets_room(frame: Any) -> None:
    """A request that allows reasoning has a higher limit, whoever answers. So has a task's own request."""
    reasoned = YES_NO.model_copy(update={"frame": frame})
    own = YES_NO.model_copy(update={"messages": (MessageTemplate(role="user", content="{{ question }}"),)})
    for kind in ("local", "endpoint"):
        plain = answer_limit("auto", kind, YES_NO)
        assert answer_limit("auto", kind, reasoned) == answer_limit("auto", kind, own) > plain


def test_right_answers_show_how_long_an_answer_is() -> None:
    """No right answer would be cut off, not even one of a token for every other byte."""
    for kind in KINDS:
        assert answer_limit("auto", kind, long_answers()) >= len(SUMMARY[:650].encode()) / 2
    assert answer_limit("auto", "local", long_answers()) < 400
    endless = long_answers().model_copy(update={"train": (example("x" * 50_000),)})
    assert answer_limit("auto", "thinking", endless) >= 25_000


def test_several_guesses_need_more() -> None:
    """A model in this process gets room for each guess; a limit that was set is one for each guess."""
    assert answer_limit("auto", "local", YES_NO, 3) == 3 * 48
    assert answer_limit("auto", "endpoint", YES_NO, 3) == 1024
    assert [answer_limit(20, kind, YES_NO, 3) for kind in KINDS] == [60, 60, 60]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("limit", ["auto", 7])
def test_no_more_is_expected_than_allowed(kind: ModelKind, limit: Any) -> None:
    """The expected length of a reply is at most its limit, and at an endpoint far below the automatic one."""
    for one in (YES_NO, long_answers(), task("json", frame="own")):
        expected, most = expected_answer(limit, kind, one), answer_limit(limit, kind, one)
        assert 0 < expected <= most
        if limit == "auto" and kind != "local":
            assert expected <= most / 2


def test_limits_of_a_search() -> None:
    """The limits follow from the models' kinds, unless they are set."""
    automatic = [SearchSettings(scorer_kind=k, reference_kind=k) for k in KINDS]
    assert [s.most_proposal_tokens for s in automatic] == [160, 2048, 8192]
    assert [s.longest_prompt for s in automatic] == [2000, 8000, 8000]
    assert [s.answer_tokens(YES_NO) for s in automatic] == [48, 1024, 8192]
    chosen = SearchSettings(max_tokens=9, proposal_tokens=70, prompt_characters=500, scorer_kind="thinking")
    assert (chosen.answer_tokens(YES_NO), chosen.most_proposal_tokens, chosen.longest_prompt) == (9, 70, 500)


@pytest.mark.parametrize("name", ["max_tokens", "proposal_tokens", "prompt_characters"])
@pytest.mark.parametrize("value", [0, -1, "lots", 2.5])
def test_other_limits_are_invalid(name: str, value: object) -> None:
    """A limit is a whole number above zero, or "auto"."""
    with pytest.raises(ValidationError, match=name):
        SearchOptions.model_validate({name: value})


def test_a_schema_is_sent_if_the_whole_reply_is_the_answer() -> None:
    """A reply with a confidence, reasoning or a marker cannot be held to the schema of its answer."""
    own = task("json", frame="own").model_copy(
        update={"answer": AnswerFormat(type="json", json_schema=SCHEMA)}
    )
    able = SearchSettings(structured=True)
    assert able.schema_for(own) == SCHEMA
    assert SearchSettings().schema_for(own) is None
    framed = own.model_copy(update={"frame": "answer+confidence"})
    assert able.schema_for(framed) is None
    marked = own.answer.model_copy(update={"marker": "Answer:"})
    assert able.schema_for(own.model_copy(update={"answer": marked})) is None
    assert able.schema_for(task("json", frame="own")) is None
