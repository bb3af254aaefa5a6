"""The whole request of a prompt, as the report shows it."""

import json

from harbour_run import RUN, harbour_log
from system_runs import RUN as PROGRAM_RUN
from system_runs import system_log

from transfer_prompting.orchestration.deploy.whole_request import whole_request
from transfer_prompting.orchestration.projections.history import RunHistory, read_history
from transfer_prompting.storage.sqlite.reader import LogReader


def test_the_body_is_a_template_of_what_was_sent(account: RunHistory) -> None:
    """With a row filled in, the message of the body is a request that the log holds."""
    winner = account.state.winner
    assert winner is not None
    with LogReader(harbour_log()) as reader:
        found = whole_request(reader, RUN, winner)
        sent = [json.loads(event.data)["request"] for event in reader.read(RUN, kinds=("call.requested",))]
    body = json.loads(found.body)
    [turn] = found.turns
    assert body["messages"] == [{"role": turn.role, "content": turn.content}]
    task = account.tasks["target"]
    filled = [turn.content.replace("{{ question }}", example.question) for example in task.test]
    assert winner.text in turn.content
    assert {request["messages"][0]["content"] for request in sent} >= set(filled)


def test_a_program_has_no_request_of_its_own() -> None:
    """Of a program, which words its requests itself, the remarks say what to use instead."""
    with LogReader(system_log()) as reader:
        winner = read_history(reader, PROGRAM_RUN).state.winner
        assert winner is not None
        found = whole_request(reader, PROGRAM_RUN, winner)
    assert (found.turns, found.body) == ((), "")
    assert "--as python" in found.remarks[0]
