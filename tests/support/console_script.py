"""Events written by hand: a builder of events, and whole runs made with it."""

from dataclasses import dataclass, field

from transfer_prompting.agents.messages import (
    CallFinished,
    CallRequested,
    CandidateStopped,
    Comparison,
    Message,
    PromptPromoted,
    PromptScored,
    ProposalsMade,
    ProposalsRequested,
    Purpose,
    RaceFinished,
    RaceResult,
    RunFinished,
    RunStarted,
    ScoringRequested,
    Stage,
    StageFinished,
    StageStarted,
    Standing,
    TaskLoaded,
)
from transfer_prompting.agents.messages.codec import encode
from transfer_prompting.agents.messages.scores import Measure, Outcome, Score
from transfer_prompting.agents.models.base import ChatMessage, ModelReply, ModelRequest
from transfer_prompting.prompts.candidate import Candidate, make_candidate
from transfer_prompting.prompts.task import AnswerFormat, Example, Split, Task
from transfer_prompting.storage.event import Event

SECOND = 1_000_000
START = 1_700_000_000 * SECOND
CURATOR, REFERENCE, SCORER, MODEL = "curator/main", "reference/main", "scorer/main", "model/scorer"

PLAIN = make_candidate("Answer the question.", "initial")
CAREFUL = make_candidate("Think of what could\nbe wrong, then [bold]answer[/bold].", "history", (PLAIN.id,))
SHORT = make_candidate("One word only.", "shorten", (PLAIN.id,))


@dataclass
class Script:
    """Makes one run's events from messages. Seq, version and time go up by one with each."""

    run: str = "demo-1"
    events: list[Event] = field(default_factory=list)

    def say(
        self, sender: str, message: Message, *to: str, cause: Event | None = None, after: int = SECOND
    ) -> Event:
        """Append `message`, `after` microseconds after the previous one."""
        seq = len(self.events) + 1
        event = Event(
            seq=seq,
            run=self.run,
            version=seq,
            id=f"e{seq}",
            kind=message.kind,
            schema=message.SCHEMA,
            sender=sender,
            recipients=to,
            cause=cause.id if cause else None,
            at=self.events[-1].at + after if self.events else START,
            data=encode(message),
            hash=b"",
        )
        self.events.append(event)
        return event

    def ask(self, asker: Event, about: str = "row") -> Event:
        """Append a call of the scorer's model caused by `asker`."""
        request = ModelRequest(messages=(ChatMessage(role="user", content="Q?"),))
        message = CallRequested(model="scorer", key=f"k{len(self.events)}", request=request, about=about)
        return self.say(SCORER, message, MODEL, cause=asker, after=1000)

    def reply(self, call: Event, *, tokens: tuple[int, int] = (10, 2), reused: str | None = None) -> Event:
        """Append the reply to a call."""
        reply = ModelReply(text="A", finish="stop", prompt_tokens=tokens[0], completion_tokens=tokens[1])
        message = CallFinished(key="k", reply=reply, latency=0.1, attempts=1, reused=reused)
        return self.say(MODEL, message, SCORER, cause=call, after=1000)

    def request(
        self,
        candidate: Candidate,
        task: str = "near",
        *,
        stage: Stage = "source",
        step: int = 0,
        final: bool = False,
        n: int = 4,
        start: int = 0,
    ) -> Event:
        """Append the request of the curator for a score on `n` examples from number `start`."""
        purpose: Purpose = "final" if final else "search"
        message = ScoringRequested(
            stage=stage,
            step=step,
            purpose=purpose,
            candidate=candidate,
            task=task,
            split=_split(final),
            examples=tuple(f"x{i}" for i in range(start, start + n)),
        )
        return self.say(CURATOR, message, SCORER)

    def score(
        self,
        asked: Event,
        composite: float,
        measures: dict[str, float | None] | None = None,
        *,
        before: int = 0,
    ) -> Event:
        """Append the scorer's answer to a request. The score includes `before` earlier examples."""
        wanted = ScoringRequested.model_validate_json(asked.data)
        measures = {"metric": composite, **(measures or {"accuracy": composite})}
        n = before + len(wanted.examples)
        message = PromptScored(
            stage=wanted.stage,
            step=wanted.step,
            purpose=wanted.purpose,
            candidate=wanted.candidate.id,
            task=wanted.task,
            split=wanted.split,
            score=Score(
                composite=composite, measures={k: Measure(value=v, n=n) for k, v in measures.items()}
            ),
            outcomes=tuple(
                Outcome(example=x, answer="A", correct=True, followed=True, confidence=0.5)
                for x in wanted.examples
            ),
            prompt_tokens=1,
            completion_tokens=1,
        )
        return self.say(SCORER, message, CURATOR, cause=asked)


def _split(final: bool) -> Split:
    return "test" if final else "dev"


def opening(script: Script, *, sources: tuple[str, ...] = ("near",), target: str = "far") -> None:
    """Append the start of a run and its tasks."""
    started = RunStarted(
        name="demo",
        seed=1,
        config={"search": {"objective": "metric"}},
        source_tasks=sources,
        target_tasks=(target,),
        models={"scorer": "fake"},
        versions={},
    )
    script.say("user", started, CURATOR, REFERENCE)
    for name in (*sources, target):
        stage: Stage = "target" if name == target else "source"
        task = Task(
            name=name,
            description="Questions.",
            answer=AnswerFormat(type="text"),
            initial_prompts=(PLAIN.text,),
            dev=tuple(Example(id=f"x{i}", question="Q?", answer="A") for i in range(4)),
        )
        script.say("user", TaskLoaded(task=task, stage=stage, origin="here", digest="0"), CURATOR, SCORER)


def open_stage(
    script: Script, stage: Stage, tasks: tuple[str, ...], *population: Candidate, steps: int = 1
) -> Event:
    """Append the curator's start of a stage."""
    message = StageStarted(stage=stage, tasks=tasks, steps=steps, population=population)
    return script.say(CURATOR, message)


def want(script: Script, stage: Stage, step: int) -> Event:
    """Append the curator's request for proposals."""
    message = ProposalsRequested(stage=stage, step=step, count=2, tasks=(), history=(), exemplars=())
    return script.say(CURATOR, message, REFERENCE)


def propose(script: Script, stage: Stage, step: int, *candidates: Candidate) -> Event:
    """Append the reference agent's proposals."""
    return script.say(REFERENCE, ProposalsMade(stage=stage, step=step, candidates=candidates), CURATOR)


def stop(script: Script, candidate: Candidate, seen: int, *, stage: Stage = "source", step: int = 1) -> Event:
    """Append the curator's message that a candidate leaves the race."""
    reason = f"50 points behind the best so far after {seen} of 4 examples, a 1.0 % chance left to draw level"
    message = CandidateStopped(
        stage=stage, step=step, candidate=candidate.id, seen=seen, total=4, reason=reason
    )
    return script.say(CURATOR, message)


def end_race(
    script: Script,
    stage: Stage,
    step: int,
    *results: tuple[Candidate, int],
    against: Candidate | None = None,
    winner: Candidate | None = None,
) -> Event:
    """Append the end of a step's race. `results` gives the examples, of 4, that each candidate answered."""
    message = RaceFinished(
        stage=stage,
        step=step,
        against=against.id if against else None,
        winner=winner.id if winner else None,
        results=tuple(
            RaceResult(
                candidate=candidate.id,
                operator=candidate.operator,
                outcome="scored" if seen == 4 else "stopped",
                gain=0.0,
                examples=seen,
            )
            for candidate, seen in results
        ),
        saved=sum(4 - seen for _, seen in results),
    )
    return script.say(CURATOR, message, REFERENCE)


def close_stage(
    script: Script, stage: Stage, best: Standing, *, steps: int, scored: int, evaluations: int, saved: int
) -> Event:
    """Append the curator's end of a stage."""
    message = StageFinished(
        stage=stage,
        steps=steps,
        best=best,
        front=(best.candidate.id,),
        scored=scored,
        evaluations=evaluations,
        saved=saved,
        reason="all steps done",
    )
    return script.say(CURATOR, message)


def whole_run() -> Script:
    """Return a run from start to verdict: `CAREFUL` wins the source stage, is promoted and wins the target.

    `SHORT` is stopped after 2 of 4 examples.
    """
    script = Script()
    opening(script)
    open_stage(script, "source", ("near",), PLAIN)
    _scored(script, PLAIN, "near", 0.5)
    end_race(script, "source", 0, (PLAIN, 4), winner=PLAIN)
    want(script, "source", 1)
    propose(script, "source", 1, CAREFUL, SHORT)
    _scored(script, CAREFUL, "near", 0.75, step=1)
    _scored(script, SHORT, "near", 0.25, step=1, n=2)
    stop(script, SHORT, 2)
    end_race(script, "source", 1, (CAREFUL, 4), (SHORT, 2), against=PLAIN, winner=CAREFUL)
    best = Standing(candidate=CAREFUL, score=0.75, by_task={"near": 0.75}, examples=4)
    close_stage(script, "source", best, steps=1, scored=3, evaluations=10, saved=2)
    promoted = PromptPromoted(
        rank=1, standing=best, lower=0.2, among=3, as_candidate=CAREFUL, reason="mean score 0.750"
    )
    script.say(CURATOR, promoted)
    open_stage(script, "target", ("far",), PLAIN, CAREFUL, steps=0)
    for final in (False, True):
        _scored(script, PLAIN, "far", 0.4, stage="target", final=final)
        _scored(script, CAREFUL, "far", 0.8, stage="target", final=final)
        if not final:
            end_race(script, "target", 0, (PLAIN, 4), (CAREFUL, 4), winner=CAREFUL)
            best = Standing(candidate=CAREFUL, score=0.8, by_task={"far": 0.8}, examples=4)
            close_stage(script, "target", best, steps=0, scored=2, evaluations=8, saved=0)
    script.say(CURATOR, verdict())
    return script


def _scored(
    script: Script,
    candidate: Candidate,
    task: str,
    score: float,
    *,
    stage: Stage = "source",
    step: int = 0,
    final: bool = False,
    n: int = 4,
) -> None:
    asked = script.request(candidate, task, stage=stage, step=step, final=final, n=n)
    for call in [script.ask(asked, f"{candidate.id} / x{i}") for i in range(n)]:
        script.reply(call)
    measures = {"accuracy": score, "ifr": 1.0, "one_minus_ece": 0.9, "auroc": None, "pr_p": 0.7, "pr_n": 0.3}
    script.score(asked, score, measures)


def verdict() -> RunFinished:
    """Append the curator's verdict."""
    comparison = Comparison(
        measure="metric", title="accuracy", best=0.8, other=0.4, difference=0.4, low=0.1, high=0.7, n=4
    )
    return RunFinished(
        best=CAREFUL,
        initial=PLAIN,
        improved=True,
        verdict="improvement found: accuracy 0.400 -> 0.800 on 4 held-out examples",
        comparisons=(comparison,),
        p_value=0.03,
    )


QUIET = make_candidate("Answer in a quiet voice.", "history", (PLAIN.id,))
BRIEF = make_candidate("Be brief.", "shorten", (PLAIN.id,))


def interleaved() -> Script:
    """Return a stage whose first two races run concurrently, up to the moment when both are under way.

    `PLAIN` has won the opening. Step 1 races `CAREFUL` and `SHORT`, step 2 `QUIET` and `BRIEF`.
    """
    script = Script()
    opening(script)
    open_stage(script, "source", ("near",), PLAIN, steps=3)
    script.score(script.request(PLAIN, n=2), 0.5)
    end_race(script, "source", 0, (PLAIN, 2), winner=PLAIN)
    want(script, "source", 1)
    propose(script, "source", 1, CAREFUL, SHORT)
    first = [script.request(prompt, step=1, n=2) for prompt in (CAREFUL, SHORT)]
    want(script, "source", 2)
    script.reply(script.ask(first[0]))
    propose(script, "source", 2, QUIET, BRIEF)
    second = [script.request(prompt, step=2, n=4) for prompt in (QUIET, BRIEF)]
    second.append(script.request(PLAIN, step=2, n=2, start=2))
    script.score(first[0], 0.6)
    for asked in second[:2]:
        for call in [script.ask(asked) for _ in range(4)]:
            script.reply(call)
    script.score(second[0], 0.8)
    script.score(first[1], 0.3)
    return script


def go_on(script: Script) -> None:
    """Append the rest of `interleaved`: `QUIET` wins step 2, and step 1 goes on against it and ends."""
    brief, plain = [event for event in script.events if event.kind == "scoring.requested"][-2:]
    script.score(brief, 0.4)
    script.score(plain, 0.5, before=2)
    stop(script, SHORT, 2)
    end_race(script, "source", 2, (QUIET, 4), (BRIEF, 4), against=PLAIN, winner=QUIET)
    want(script, "source", 3)
    more = script.request(CAREFUL, step=1, n=2, start=2)
    script.score(more, 0.7, before=2)
    end_race(script, "source", 1, (CAREFUL, 4), (SHORT, 2), against=QUIET)
