"""Tasks whose responses are judged, and the replies of a scripted judge."""

from collections.abc import Sequence
from typing import Any

from transfer_prompting.agents.grading.judge import Answer, JudgeMetric
from transfer_prompting.agents.messages import CallFailed
from transfer_prompting.agents.models.base import Finish, ModelReply, ModelRequest
from transfer_prompting.prompts.metrics.grade import Grade, Output
from transfer_prompting.prompts.metrics.settings import MetricSettings
from transfer_prompting.prompts.task import AnswerFormat, Example, Task

MAIL = "Dear team, the ferry of 9 June is cancelled. <b>Refunds</b> follow. – Ada"


def example(id_: str = "e1", answer: str = "The ferry of 9 June is cancelled.", **fields: Any) -> Example:
    """Return an e-mail with its summary."""
    return Example(**{"id": id_, "question": MAIL, "answer": answer} | fields)


def judged_task(*examples: Example, **options: Any) -> Task:
    """Return a task of summaries whose metric is a judge with `options`."""
    return Task(
        name="mails",
        description="Summarise the e-mail in one sentence.",
        answer=AnswerFormat(type="raw"),
        initial_prompts=("Summarise.",),
        frame="own",
        metrics=(MetricSettings.model_validate({"use": "judge", **options}),),
        dev=examples or (example(),),
    )


def judge_of(task: Task) -> JudgeMetric:
    """Return the judge of the main metric."""
    return JudgeMetric(task.metrics[0], task)


def reply(text: str, finish: Finish = "stop") -> ModelReply:
    """Return a reply of the judge's model."""
    return ModelReply(text=text, finish=finish, prompt_tokens=90, completion_tokens=12)


FAILED = CallFailed(key="", cause="server_error", error="No.", attempts=4, final=True)


def graded(task: Task, response: str, *replies: str | None) -> Grade | None:
    """Return the grade of a response to the first example by replies, in their order; None fails a call.

    After the replies to the requests come those to requests that are sent once more.
    """
    judge, said = judge_of(task), [FAILED if text is None else reply(text) for text in replies]
    asked = judge.requests(task, task.dev[0], Output(response, None))
    first: Sequence[Answer] = said[: len(asked)]
    more = judge.again(asked, first)
    assert len(said) == len(asked) + len(more)
    return judge.grade(said)


def requests(task: Task, response: str) -> list[ModelRequest]:
    """Return the requests about a response to the first example."""
    return [request for _, request in judge_of(task).requests(task, task.dev[0], Output(response, None))]


def text_of(request: ModelRequest) -> str:
    """Return the text of the only message of a request."""
    [message] = request.messages
    assert isinstance(message.content, str)
    return message.content
