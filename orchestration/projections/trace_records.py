"""Records of the trace of an execution. They import nothing heavy: a command that shows none starts fast."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TracedStep:
    """A model call of a program, or what the program has noted."""

    module: str
    """Names of the texts that it rests on, joined by "+"; the role asked, or "" for a note, if on none."""
    what: str
    """Role whose model was asked, or what the step is if it was no call, such as "search"."""
    call: bool
    """False for a note."""
    seq: int | None = None
    """Seq of the request; None for a note, and for a call that is not in this log."""
    asked: str | None = None
    """Turns of the request; None for a note, or if they were redacted."""
    replied: str | None = None
    """Text of the reply and its calls of tools, or what was noted; None if there is none."""
    error: str = ""
    """Why there is no reply, or what is wrong with it."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    latency: float = 0.0
    """Seconds; 0 for a reused reply."""
    reused: bool = False

    @property
    def tokens(self) -> int:
        """Tokens of request and reply."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class ExecutionTrace:
    """One execution of a program on one example."""

    seq: int
    """Seq of the request to run the program."""
    about: str
    """Prompt and example."""
    row: str | None
    """What the program was given, as JSON; None if it was redacted or cannot be read."""
    prompts: dict[str, str]
    """Name -> text of the prompt; empty if it was redacted or cannot be read."""
    steps: tuple[TracedStep, ...]
    output: str | None
    """None if there is none, or if it was redacted."""
    error: str
    """Why there is no output; "" if there is one, or none yet."""
    reused: bool
    """True if an earlier execution had the same request, and its output was taken."""

    @property
    def contributions(self) -> dict[str, tuple[int, int, float]]:
        """Calls, tokens and seconds by module, in the order of the first call."""
        found: dict[str, tuple[int, int, float]] = {}
        for step in self.steps:
            if step.call:
                calls, tokens, seconds = found.get(step.module, (0, 0, 0.0))
                found[step.module] = calls + 1, tokens + step.tokens, seconds + step.latency
        return found
