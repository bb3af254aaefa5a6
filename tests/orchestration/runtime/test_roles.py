"""Roles that are not built in: what they may do in a run, and what the log holds of it."""

import json
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hanging import no_hanging  # noqa: F401 - a fixture
from rich.console import Console
from role_making import CRITIC, critical_reply, hash_of, role_file, with_roles
from tiny_runs import begin, copy_prefix, finished_keys, read, reenact, reply_by_hash, resume, said, scripted

from transfer_prompting.agents.messages import CandidateRejected, PromptPromoted, ReviewGiven, StageStarted
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.models.base import ModelError, ModelRequest
from transfer_prompting.orchestration.console.lines import lines
from transfer_prompting.orchestration.errors import RunStopped
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.storage.event import Event

TRANSLATOR = """
class Translator(Reviewer):
    reviews = ("promotion",)

    async def review(self, request: ReviewRequested) -> Amend:
        return Amend("Auf Deutsch: " + request.candidate.text)
"""


def of(events: list[Event], kind: str) -> list[Any]:
    """Return the messages of one kind."""
    return [decode(event) for event in events if event.kind == kind]


async def test_a_critic_vetoes(tmp_path: Path) -> None:
    """A vetoed prompt is rejected with the reason and never scored; initial prompts are not reviewed."""
    config = with_roles(tmp_path, {"critic": CRITIC})
    events = await begin(config, tmp_path, scripted(critical_reply))
    given: list[ReviewGiven] = of(events, "review.given")
    assert {word.verdict for word in given} == {"passed", "vetoed"}
    rejected: list[CandidateRejected] = of(events, "candidate.rejected")
    vetoed = {word.candidate for word in given if word.verdict == "vetoed"}
    assert {r.candidate.id for r in rejected if r.reason == "critic: it names an answer."} == vetoed
    # The critic looks at a prompt again in the next stage, and may then let it through.
    held_back = {(r.stage, r.candidate.id) for r in rejected if r.candidate.id in vetoed}
    assert not held_back & {(score.stage, score.candidate) for score in of(events, "prompt.scored")}
    assert len(given) == len(of(events, "review.requested"))
    assert "initial" not in {r.candidate.operator for r in of(events, "review.requested")}
    assert events[-1].kind == "run.finished"
    assert await reenact(tmp_path) == len(events)


async def test_a_review_that_fails_is_a_veto(tmp_path: Path) -> None:
    """A prompt whose review fails is rejected; the run continues and can be replayed."""

    def answer(request: ModelRequest) -> str:
        text = request.messages[-1].text
        if "You review a prompt" in text and hash_of(text) % 3 == 0:
            raise ModelError("content_filter", "The provider does not answer this.")
        return reply_by_hash(request) if "You review a prompt" not in text else "PASS"

    config = with_roles(tmp_path, {"critic": CRITIC})
    events = await begin(config, tmp_path, scripted(answer))
    failed = {e.cause for e in events if e.kind == "call.failed"}
    vetoed = {word.candidate: word.reason for word in of(events, "review.given") if word.verdict == "vetoed"}
    assert len(vetoed) == len(failed) > 0
    assert all("could not be reviewed: The provider" in reason for reason in vetoed.values())
    assert not vetoed.keys() & {score.candidate for score in of(events, "prompt.scored")}
    assert events[-1].kind == "run.finished"
    assert await reenact(tmp_path) == len(events)


async def test_what_people_see(tmp_path: Path) -> None:
    """The console shows each review in one line, from the curator to the critic and back."""
    config = with_roles(tmp_path, {"critic": CRITIC})
    events = await begin(config, tmp_path, scripted(critical_reply))
    said_in_words = StringIO()
    console = Console(width=500, file=said_in_words)
    for event in events:
        for line in lines(event, message_for(event)):
            console.print(line)
    shown = said_in_words.getvalue().splitlines()
    assert any("curator -> critic" in line and "critic, may p" in line for line in shown)
    assert any("critic -> curator" in line and "vetoed: it names an answer." in line for line in shown)


@pytest.mark.parametrize("slots", [1, 64])
async def test_the_order_of_reviews_changes_nothing(tmp_path: Path, slots: int) -> None:
    """The races and their winner do not depend on how long each review takes."""
    random = Random(slots)
    logs = []
    for name, options in (("one", {}), ("many", {"delay": lambda _request: random.random() / 500})):
        folder = tmp_path / name
        folder.mkdir()
        model = scripted(critical_reply, **options)
        logs.append(await begin(with_roles(folder, {"critic": CRITIC}), folder, model, slots=slots))
    paths = [sorted((kind, data) for kind, _, data in said(log) if kind != "run.started") for log in logs]
    decided = [
        [m for m in said(log) if m[0] not in ("prompt.scored", "review.given", "run.started")] for log in logs
    ]
    assert decided[0] == decided[1]
    assert paths[0] == paths[1]


async def test_a_run_cut_during_a_review_resumes(tmp_path: Path) -> None:
    """A log that ends anywhere around a review resumes to the same end without repeating a call."""
    whole = await begin(with_roles(tmp_path, {"critic": CRITIC}), tmp_path, scripted(critical_reply))
    first = next(i for i, event in enumerate(whole) if event.kind == "review.requested")
    last = next(i for i, event in enumerate(whole) if event.kind == "review.given")
    for cut in (first + 1, (first + last) // 2, last, last + 1):
        folder = tmp_path / str(cut)
        folder.mkdir()
        await copy_prefix(whole[:cut], folder)
        carried = await resume(with_roles(tmp_path, {"critic": CRITIC}), folder, scripted(critical_reply))
        assert sorted(said(carried)) == sorted(said(whole))
        assert sorted(finished_keys(carried)) == sorted(finished_keys(whole))
        assert await reenact(folder) == len(read(folder))


async def test_promoted_prompts_are_amended(tmp_path: Path) -> None:
    """The target stage begins with the amended form of a promoted prompt."""
    roles = {"translator": {"use": role_file(tmp_path, TRANSLATOR) + ":Translator"}}
    events = await begin(with_roles(tmp_path, roles), tmp_path, scripted())
    promoted: list[PromptPromoted] = of(events, "prompt.promoted")
    assert promoted
    assert all(p.as_candidate.text.startswith("Auf Deutsch: ") for p in promoted)
    assert {p.as_candidate.operator for p in promoted} == {"translator"}
    target: StageStarted = of(events, "stage.started")[1]
    assert {p.as_candidate.id for p in promoted} <= {candidate.id for candidate in target.population}
    requests = of(events, "review.requested")
    assert all(request.tasks == ("second",) and request.standing is not None for request in requests)
    assert await reenact(tmp_path) == len(events)


async def test_a_vetoed_promotion_makes_room(tmp_path: Path) -> None:
    """If a promotion is vetoed, the next best prompt is reviewed in its place, until none is left."""
    code = """
class Strict(Reviewer):
    reviews = ("promotion",)
    seen = ()

    async def review(self, request: ReviewRequested) -> Veto | None:
        self.seen = (*self.seen, request.candidate.id)
        return Veto("not this one") if len(self.seen) <= VETOES else None
"""
    asked, promoted = [], []
    for vetoes in (1, 99):
        folder = tmp_path / str(vetoes)
        folder.mkdir()
        use = role_file(folder, code.replace("VETOES", str(vetoes))) + ":Strict"
        events = await begin(with_roles(folder, {"strict": {"use": use}}), folder, scripted())
        asked.append(len(of(events, "review.requested")))
        promoted.append(len(of(events, "prompt.promoted")))
        assert events[-1].kind == "run.finished"
    assert (asked[0], promoted) == (2, [1, 0])
    assert asked[1] > 3


async def test_reviewers_are_asked_one_after_the_other(tmp_path: Path) -> None:
    """The second reviewer receives the first one's amendment; after a veto no other reviewer is asked."""
    code = """
class First(Reviewer):
    async def review(self, request: ReviewRequested) -> Amend | Veto:
        text = request.candidate.text
        return Veto("no") if int(request.candidate.id[-1], 16) % 2 else Amend(text + " Be brief.")

class Second(Reviewer):
    async def review(self, request: ReviewRequested) -> None:
        assert request.candidate.text.endswith("Be brief.")
"""
    path = role_file(tmp_path, code)
    roles = {"first": {"use": f"{path}:First"}, "second_": {"use": f"{path}:Second"}}
    events = await begin(with_roles(tmp_path, roles), tmp_path, scripted())
    given: list[ReviewGiven] = of(events, "review.given")
    vetoed = [word for word in given if word.verdict == "vetoed"]
    amended = [word for word in given if word.verdict == "amended"]
    assert vetoed
    assert amended
    assert {word.reviewer for word in vetoed + amended} == {"first"}
    passed = [word.candidate for word in given if word.reviewer == "second_"]
    assert sorted(passed) == sorted(word.amended.id for word in amended if word.amended)


async def test_a_silent_reviewer_is_named(tmp_path: Path) -> None:
    """A reviewer that does not answer stops the run; the error names the reviewer and the prompt."""
    code = """
class Mute(Reviewer):
    async def on_review_requested(self, message: ReviewRequested, ctx: MessageContext) -> None:
        return None
    on_review_requested = message_handler(on_review_requested)
"""
    roles = {"mute": {"use": role_file(tmp_path, code) + ":Mute"}}
    with pytest.raises(RunStopped, match=r"verdict: mute has not reviewed p[0-9a-f]{8}"):
        await begin(with_roles(tmp_path, roles), tmp_path, scripted())


async def test_undeclared_messages_are_refused(tmp_path: Path) -> None:
    """A role that publishes an undeclared kind is stopped, and the error says what to declare."""
    code = """
class Talker(Role):
    @message_handler
    async def on_start(self, message: RunStarted, ctx: MessageContext) -> None:
        await self.tell(Noted(text="hello"))
"""
    roles = {"talker": {"use": role_file(tmp_path, code) + ":Talker"}}
    with pytest.raises(
        RunStopped, match=r"published a Noted, which it does not declare. Add it to `says` of Talker"
    ):
        await begin(with_roles(tmp_path, roles), tmp_path, scripted())


async def test_only_the_curator_opens_stages(tmp_path: Path) -> None:
    """Publishing an undeclared built-in kind is refused as well."""
    code = """
class Usurper(Role):
    says = (Noted,)

    @message_handler
    async def on_start(self, message: RunStarted, ctx: MessageContext) -> None:
        await self.publish_message(message, ctx.topic_id)
"""
    roles = {"usurper": {"use": role_file(tmp_path, code) + ":Usurper"}}
    with pytest.raises(RunStopped, match="published a RunStarted, which it does not declare"):
        await begin(with_roles(tmp_path, roles), tmp_path, scripted())


async def test_own_settings_reach_the_role(tmp_path: Path) -> None:
    """Keys of the role's table are its settings; the critic's prompt shows the configured policy."""
    asked = []

    def reply(request: Any) -> str:
        asked.append(request.messages[-1].text)
        return critical_reply(request)

    roles = {"critic": {**CRITIC, "policy": "Never mention the weather."}}
    events = await begin(with_roles(tmp_path, roles), tmp_path, scripted(reply))
    assert any("The policy: Never mention the weather." in text for text in asked)
    assert json.loads(events[0].data)["config"]["roles"]["critic"]["policy"] == "Never mention the weather."
