"""Hypothesis strategies for every kind of message, with arbitrary fields."""

import string
from typing import get_args

from hypothesis import strategies as st

from transfer_prompting.agents import messages as m
from transfer_prompting.agents.experience.carried import CarriedLesson
from transfer_prompting.agents.experience.lessons import Lesson
from transfer_prompting.agents.messages.scores import Measure, Outcome, Score
from transfer_prompting.agents.models.base import ChatMessage, FailureCause, Finish, ModelReply, ModelRequest
from transfer_prompting.prompts.candidate import make_candidate
from transfer_prompting.prompts.content_parts import ImagePart, ImageUrl, TextPart
from transfer_prompting.prompts.task import AnswerFormat, Example, Split, Task

TEXT = st.text(max_size=30)
LINE = st.text(string.ascii_letters + " .é漢", min_size=1, max_size=30)
COUNT = st.integers(0, 1000)
REAL = st.floats(allow_nan=False, allow_infinity=False)
SHARE = st.floats(0, 1)
STAGE = st.sampled_from(["source", "target", "control", "carried", "target:pets", "control:a:b"])
SPLIT = st.sampled_from(get_args(Split))
PURPOSE = st.sampled_from(get_args(m.Purpose))
NAMES = st.lists(LINE, max_size=3).map(tuple)
WORDS = st.dictionaries(LINE, TEXT, max_size=3)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | REAL | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)

CANDIDATE = st.builds(make_candidate, TEXT, LINE, NAMES)
EXAMPLE = st.builds(
    Example,
    id=LINE,
    question=TEXT,
    answer=TEXT,
    context=st.none() | TEXT,
    choices=st.none() | st.lists(TEXT, max_size=3).map(tuple),
)
EXAMPLES = st.lists(EXAMPLE, max_size=2).map(tuple)
ANSWER = st.just(AnswerFormat(type="number")) | st.lists(TEXT, min_size=2, max_size=3).map(
    lambda labels: AnswerFormat(type="label", labels=tuple(labels))
)
TASK = st.builds(
    Task,
    name=LINE,
    description=TEXT,
    answer=ANSWER,
    initial_prompts=st.lists(TEXT, min_size=1, max_size=2).map(tuple),
    train=EXAMPLES,
    dev=EXAMPLES,
    test=EXAMPLES,
)
MEASURE = st.builds(Measure, value=st.none() | SHARE, n=COUNT, low=st.none() | SHARE, high=st.none() | SHARE)
MEASURES = st.builds(
    lambda accuracy, others: {"accuracy": accuracy, **others},
    MEASURE,
    st.dictionaries(LINE, MEASURE, max_size=2),
)
SCORE = st.builds(Score, composite=SHARE, measures=MEASURES)
OUTCOME = st.builds(
    Outcome,
    example=LINE,
    answer=st.none() | TEXT,
    correct=st.booleans(),
    followed=st.none() | st.booleans(),
    confidence=st.none() | SHARE,
    likelihood=st.none() | SHARE,
    graded=st.none() | SHARE,
    metrics=st.dictionaries(LINE, SHARE, max_size=2),
    feedback=st.dictionaries(LINE, TEXT, max_size=2),
    output=TEXT,
    cut=st.booleans(),
    weight=st.just(1.0) | SHARE,
)
STANDING = st.builds(
    m.Standing,
    candidate=CANDIDATE,
    score=SHARE,
    by_task=st.dictionaries(LINE, SHARE, max_size=2),
    examples=COUNT,
)
SPENT = st.builds(m.Spent, evaluations=COUNT, answers=COUNT, proposals=COUNT, judgements=COUNT)
FAILURE = st.builds(m.Failure, task=LINE, example=LINE, answered=st.none() | TEXT)
SUCCESS = st.builds(m.Success, task=LINE, example=LINE, answered=st.none() | TEXT)
CONFUSION = st.builds(m.Confusion, gold=TEXT, answered=st.none() | TEXT, count=COUNT)
TALLY = st.builds(
    m.AnswerTally,
    task=LINE,
    examples=COUNT,
    answered=st.dictionaries(LINE, COUNT, max_size=2),
    golds=st.dictionaries(LINE, COUNT, max_size=2),
    unreadable=COUNT,
    confusions=st.lists(CONFUSION, max_size=2).map(tuple),
)
HISTORY = st.builds(
    m.HistoryEntry,
    candidate=LINE,
    text=TEXT,
    score=st.integers(0, 100),
    examples=COUNT,
    failures=st.lists(FAILURE, max_size=2).map(tuple),
    successes=st.lists(SUCCESS, max_size=2).map(tuple),
    tallies=st.lists(TALLY, max_size=2).map(tuple),
    operator=TEXT,
    gain=st.none() | st.integers(-100, 100),
    shared=COUNT,
    leader=st.booleans(),
    stopped=st.booleans(),
    initial=st.booleans(),
)
RESULT = st.builds(
    m.RaceResult,
    candidate=LINE,
    operator=LINE,
    outcome=st.sampled_from(["stopped", "scored", "better"]),
    gain=REAL,
    examples=COUNT,
)
COMPARISON = st.builds(
    m.Comparison,
    measure=LINE,
    title=LINE,
    best=REAL,
    other=REAL,
    difference=REAL,
    low=REAL,
    high=REAL,
    n=COUNT,
)
PART = st.builds(TextPart, text=TEXT) | st.builds(
    lambda url: ImagePart(image_url=ImageUrl(url=url)),
    st.sampled_from(["https://example.org/a.png", "data:image/png;base64,AAAA"]),
)
CONTENT = TEXT | st.lists(PART, min_size=1, max_size=3).map(tuple)
CHAT = st.builds(ChatMessage, role=st.sampled_from(["system", "user", "assistant"]), content=CONTENT)
REQUEST = st.builds(
    ModelRequest,
    messages=st.lists(CHAT, min_size=1, max_size=2).map(tuple),
    max_tokens=st.integers(1, 99),
    temperature=st.floats(0, 2),
    seed=st.none() | COUNT,
    stop=NAMES,
    options=st.none() | NAMES,
    lead=st.none() | LINE,
    sample=COUNT,
)
REPLY = st.builds(
    ModelReply,
    text=TEXT,
    finish=st.sampled_from(get_args(Finish)),
    prompt_tokens=COUNT,
    completion_tokens=COUNT,
    cached_tokens=COUNT,
    option_logprobs=st.none() | st.lists(REAL, max_size=3).map(tuple),
)
CAUSE = st.sampled_from(get_args(FailureCause))


LESSON = st.builds(
    Lesson,
    sentence=LINE,
    text=TEXT,
    mean=REAL,
    sd=st.floats(1e-6, 1),
    answers=COUNT,
    examples=COUNT,
    topic=TEXT,
)
CARRIED = st.builds(
    CarriedLesson, lesson=LESSON, model=LINE, answers=st.just("label"), share=SHARE, labels=NAMES, runs=COUNT
)


CARRIED_PROMPT = st.builds(
    m.CarriedPrompt,
    candidate=CANDIDATE,
    role=st.sampled_from(["best", "initial", "front"]),
    outcomes=st.lists(OUTCOME, max_size=2).map(tuple),
)


def several(one: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    """Draw up to two elements."""
    return st.lists(one, max_size=2).map(tuple)


STAGED = {"stage": STAGE, "step": COUNT}
VERDICT = {
    "best": CANDIDATE,
    "initial": CANDIDATE,
    "improved": st.booleans(),
    "verdict": LINE,
    "comparisons": several(COMPARISON),
    "p_value": st.none() | SHARE,
    "test": st.none() | LINE,
    "smallest_gain": st.none() | SHARE,
    "control": st.none() | CANDIDATE,
    "against_control": several(COMPARISON),
    "excluded": COUNT,
}
FIELDS: dict[type[m.Message], dict[str, st.SearchStrategy[object]]] = {
    m.RunStarted: {
        "name": LINE,
        "seed": COUNT,
        "config": st.dictionaries(TEXT, JSON, max_size=3),
        "source_tasks": NAMES,
        "target_tasks": NAMES,
        "models": WORDS,
        "versions": WORDS,
    },
    m.ExperienceLoaded: {
        "origins": NAMES,
        "model": LINE,
        "lessons": several(CARRIED),
        "left_out": COUNT,
        "target": st.just("") | LINE,
    },
    m.ExperienceApplied: {
        "candidate": CANDIDATE,
        "rules": several(LESSON),
        "left": several(LESSON),
        "into": STAGE,
    },
    m.PromptsCarried: {"origin": LINE, "model": LINE, "prompts": several(CARRIED_PROMPT)},
    m.MigrationChecked: {"candidate": LINE, "regressed": NAMES},
    m.TargetsFinished: {"targets": NAMES, "improved": NAMES},
    m.TaskLoaded: {"task": TASK, "stage": STAGE, "origin": TEXT, "digest": LINE},
    m.RunResumed: {
        "reissued": NAMES,
        "versions": WORDS,
        "budget": st.none() | st.dictionaries(LINE, SHARE, max_size=2),
    },
    m.BudgetExhausted: {
        "limit": st.sampled_from(["tokens", "money", "calls", "seconds"]),
        "budget": SHARE,
        "spent": SHARE,
        "reserved": SHARE,
        "stage": st.none() | STAGE,
    },
    m.CallAttempted: {
        "model": LINE,
        "probe": st.booleans(),
        "attempts": COUNT,
        "unsettled": COUNT,
        "cause": CAUSE,
        "error": LINE,
    },
    m.BackendProbed: {
        "model": LINE,
        "alive": st.booleans(),
        "error": LINE,
        "attempts": COUNT,
        "unsettled": COUNT,
        "prompt_tokens": COUNT,
        "completion_tokens": COUNT,
    },
    m.StageStarted: {
        "stage": STAGE,
        "tasks": NAMES,
        "steps": COUNT,
        "population": several(CANDIDATE),
        "budget": st.none() | SPENT,
    },
    m.ProposalsRequested: {
        **STAGED,
        "count": COUNT,
        "tasks": NAMES,
        "history": several(HISTORY),
        "exemplars": EXAMPLES,
        "rejections": several(st.builds(m.Rejection, text=TEXT, operator=LINE, reason=TEXT)),
    },
    m.ReplyUnparsed: {**STAGED, "reply": TEXT, "reason": LINE, "asked_again": st.booleans()},
    m.GoldDoubted: {
        **STAGED,
        "task": LINE,
        "example": LINE,
        "gold": TEXT,
        "suggested": st.none() | TEXT,
        "reason": LINE,
        "operator": LINE,
    },
    m.ProposalsMade: {
        **STAGED,
        "candidates": several(CANDIDATE),
        "failed": COUNT,
        "prompt_tokens": COUNT,
        "completion_tokens": COUNT,
    },
    m.CandidateRejected: {**STAGED, "candidate": CANDIDATE, "reason": LINE},
    m.ScoringRequested: {
        **STAGED,
        "purpose": PURPOSE,
        "candidate": CANDIDATE,
        "task": LINE,
        "split": SPLIT,
        "examples": NAMES,
    },
    m.PromptScored: {
        **STAGED,
        "purpose": PURPOSE,
        "candidate": LINE,
        "task": LINE,
        "split": SPLIT,
        "score": SCORE,
        "outcomes": several(OUTCOME),
        "excluded": NAMES,
        "prompt_tokens": COUNT,
        "completion_tokens": COUNT,
    },
    m.JudgementRequested: {**STAGED, "candidate": CANDIDATE, "tasks": NAMES, "dimensions": NAMES},
    m.PromptJudged: {
        **STAGED,
        "candidate": LINE,
        "measures": st.dictionaries(LINE, MEASURE, max_size=2),
        "noise": st.dictionaries(LINE, st.none() | SHARE, max_size=2),
        "unreadable": COUNT,
        "failed": COUNT,
        "prompt_tokens": COUNT,
        "completion_tokens": COUNT,
    },
    m.ReviewRequested: {
        **STAGED,
        "moment": st.sampled_from(get_args(m.Moment)),
        "reviewer": LINE,
        "candidate": CANDIDATE,
        "tasks": NAMES,
        "standing": st.none() | STANDING,
    },
    m.MergeRequested: {
        "into": STAGE,
        "task": LINE,
        "own": CANDIDATE,
        "edited": CANDIDATE,
        "rules": several(LESSON),
    },
    m.MergeMade: {
        "into": STAGE,
        "candidate": st.none() | CANDIDATE,
        "reason": LINE,
        "prompt_tokens": COUNT,
        "completion_tokens": COUNT,
    },
    m.ReviewGiven: {
        "moment": st.sampled_from(get_args(m.Moment)),
        "reviewer": LINE,
        "candidate": LINE,
        "verdict": st.sampled_from(get_args(m.Verdict)),
        "reason": TEXT,
        "amended": st.none() | CANDIDATE,
    },
    m.CandidateStopped: {**STAGED, "candidate": LINE, "seen": COUNT, "total": COUNT, "reason": LINE},
    m.RaceFinished: {
        **STAGED,
        "against": st.none() | LINE,
        "winner": st.none() | LINE,
        "results": several(RESULT),
        "saved": COUNT,
        "refused": st.none() | LINE,
        "kept": st.none() | LINE,
    },
    m.JudgementRequested: {**STAGED, "candidate": CANDIDATE, "tasks": NAMES, "dimensions": NAMES},
    m.PromptJudged: {
        **STAGED,
        "candidate": LINE,
        "measures": st.dictionaries(LINE, MEASURE, max_size=3),
        "noise": st.dictionaries(LINE, st.none() | SHARE, max_size=3),
        "unreadable": COUNT,
        "failed": COUNT,
        "prompt_tokens": COUNT,
        "completion_tokens": COUNT,
    },
    m.PromptPromoted: {
        "rank": COUNT,
        "standing": STANDING,
        "lower": SHARE,
        "among": COUNT,
        "as_candidate": CANDIDATE,
        "into": STAGE,
        "reason": LINE,
    },
    m.StageSkipped: {"stage": STAGE, "tasks": NAMES, "reason": LINE},
    m.StageFinished: {
        "stage": STAGE,
        "steps": COUNT,
        "best": STANDING,
        "front": NAMES,
        "scored": COUNT,
        "evaluations": COUNT,
        "spent": SPENT,
        "saved": COUNT,
        "reason": LINE,
    },
    m.RunFinished: VERDICT,
    m.TargetFinished: {"stage": STAGE, "verdict": st.builds(m.RunFinished, **VERDICT)},
    m.RunFailed: {"cause": LINE, "error": LINE, "count": COUNT},
    m.HandlerFailed: {"agent": LINE, "event": LINE, "error": LINE, "traceback": TEXT},
    m.CallRequested: {"model": LINE, "key": LINE, "request": REQUEST, "about": LINE},
    m.CallFinished: {
        "key": LINE,
        "reply": REPLY,
        "latency": SHARE,
        "attempts": COUNT,
        "unsettled": COUNT,
        "reused": st.none() | LINE,
        "reused_from": st.none() | LINE,
    },
    m.CallFailed: {
        "key": LINE,
        "cause": CAUSE,
        "error": LINE,
        "attempts": COUNT,
        "unsettled": COUNT,
        "final": st.booleans(),
    },
    m.RunForked: {
        "origin": LINE,
        "at": COUNT,
        "prefix": LINE,
        "overrides": st.dictionaries(TEXT, JSON, max_size=3),
        "carried": st.none() | st.dictionaries(LINE, SHARE, max_size=2),
    },
    m.ForkMade: {"fork": LINE, "at": COUNT},
    m.RunImported: {"events": COUNT, "first_at": COUNT, "last_at": COUNT, "hash": LINE},
    m.EventRedacted: {"event": LINE, "seq": COUNT, "sha256": LINE, "size": COUNT, "reason": LINE},
}
"""Strategies by class. Texts that a gist repeats are single lines; others may hold any character."""


def messages(cls: type[m.Message]) -> st.SearchStrategy[m.Message]:
    """Draw any message of the class."""
    return st.builds(cls, **FIELDS[cls])
