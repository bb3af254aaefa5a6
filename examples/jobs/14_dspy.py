"""A DSPy module that names a source before it answers. Its two instructions are what is optimised."""

import dspy

from transfer_prompting import DspyProgram


class Answerer(dspy.Module):  # type: ignore[misc]
    """Find the sentence that holds the answer, then answer from it."""

    def __init__(self) -> None:
        super().__init__()
        self.find = dspy.Predict("context, question -> sentence")
        self.answer = dspy.ChainOfThought("sentence, question -> answer")

    def forward(self, context: str, question: str) -> dspy.Prediction:
        """Return a prediction with the answer."""
        found = self.find(context=context, question=question)
        return self.answer(sentence=found.sentence, question=question)


program = DspyProgram(Answerer())
