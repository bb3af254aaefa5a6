"""`tp best --as`: what was measured, in the forms of other programs."""

import json
from typing import Any

import pytest
import yaml
from harbour_run import RUN, harbour_log
from program_calls import Tp

from transfer_prompting.agents.messages import CallRequested
from transfer_prompting.orchestration.projections.history import RunHistory
from transfer_prompting.storage.sqlite.reader import LogReader

from transfer_prompting.agents.messages.codec import decode  # isort: skip


@pytest.fixture
def asked() -> dict[str, CallRequested]:
    """Return the recorded calls about the winner, by the id of the row."""
    with LogReader(harbour_log()) as reader:
        calls = [decode(event) for event in reader.read(RUN, kinds=("call.requested",))]
        [end] = [json.loads(event.data) for event in reader.read(RUN, kinds=("run.finished",))]
    found = {}
    for call in calls:
        assert isinstance(call, CallRequested)
        prompt, _, row = call.about.partition(" / ")
        if prompt == end["best"]["id"] and call.model == "scorer":
            found[row] = call
    return found


def best(tp: Tp, form: str, *more: str) -> str:
    """Return what `tp best --as FORM` prints."""
    ended = tp("best", RUN, "--as", form, *more, "--log", harbour_log())
    assert ended.status == 0, ended.err
    return ended.out


def test_the_request_is_the_recorded_one(tp: Tp, asked: dict[str, CallRequested]) -> None:
    """For each row, target examples included, the printed body is the request in the log."""
    rows = [row for row, call in asked.items() if "Options: " in call.request.messages[0].content][:5]
    assert rows
    for row in rows:
        body = json.loads(best(tp, "request", "--row", row))
        request = asked[row].request
        assert body == {
            "model": "task",
            "messages": [message.model_dump() for message in request.messages],
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
        }


def test_the_module_asks_the_recorded_request(tp: Tp, asked: dict[str, CallRequested]) -> None:
    """The printed module builds the same messages from the columns of a row."""
    names: dict[str, Any] = {"__name__": "prompt"}
    exec(best(tp, "python"), names)
    row = json.loads(best(tp, "request"))["messages"][0]["content"]
    question = row.partition("Text: ")[2].partition("\nOptions: ")[0]
    assert names["body"](question=question) == json.loads(best(tp, "request"))
    assert names["RUN"] == RUN


def test_one_template_in_all_forms(tp: Tp) -> None:
    """The forms agree on the messages, the text and the parameters."""
    messages = json.loads(best(tp, "messages"))
    document = json.loads(best(tp, "json"))
    promptfoo = yaml.safe_load(best(tp, "promptfoo"))
    assert document["messages"] == messages == json.loads(promptfoo["prompts"][0])
    assert document["texts"] == {"instruction": best(tp, "text").rstrip("\n")}
    assert document["columns"] == ["question"]
    verdict = json.loads(tp("best", RUN, "--json", "--log", harbour_log()).out)
    assert {key: document[key] for key in ("verdict", "improved", "p_value")} == {
        key: verdict[key] for key in ("verdict", "improved", "p_value")
    }
    body = json.loads(best(tp, "request"))
    assert {"model": document["model"], "messages": body["messages"], **document["parameters"]} == body
    assert promptfoo["providers"][0]["config"] == document["parameters"]
    assert len(promptfoo["tests"]) == 20


def test_state_of_dspy(tp: Tp) -> None:
    """The state has the keys that `load` of DSPy 3.4 reads: a signature, no model, and no versions."""
    state = json.loads(best(tp, "dspy"))
    assert state["signature"]["instructions"] == best(tp, "text").rstrip("\n")
    assert [field["prefix"] for field in state["signature"]["fields"]] == ["Question:", "Answer:"]
    assert all(isinstance(field["description"], str) for field in state["signature"]["fields"])
    assert (state["demos"], state["traces"], state["train"], state["lm"]) == ([], [], [], None)
    assert state["metadata"] == {"dependency_versions": {}}


def test_another_prompt(tp: Tp, account: RunHistory) -> None:
    """With --by the forms are those of the prompt that is best in the measure."""
    text = tp("best", RUN, "--by", "accuracy", "--log", harbour_log()).out.rstrip("\n")
    document = json.loads(best(tp, "json", "--by", "accuracy"))
    assert document["texts"] == {"instruction": text}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--as", "json", "--json"), "Give either --json or --as"),
        (("--row", "x"), "--row chooses the row of --as request"),
        (("--as", "request", "--row", "x"), "Task target has no row 'x'"),
        (("--as", "python", "--by", "beauty"), "has a beauty"),
        (("--as", "poem"), "'poem' is not one of"),
    ],
)
def test_wrong_options(tp: Tp, arguments: tuple[str, ...], message: str) -> None:
    """Options that contradict each other or name nothing are errors, and nothing is printed."""
    ended = tp("best", RUN, *arguments, "--log", harbour_log())
    assert (ended.status, ended.out) == (2, "")
    assert message in " ".join(ended.err.split())
