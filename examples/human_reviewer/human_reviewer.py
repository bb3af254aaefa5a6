from transfer_prompting import Amend, Reviewer, ReviewRequested, Veto


class HumanReviewer(Reviewer):
    """Asks a person before a prompt is carried into the target stage."""

    reviews = ("promotion",)
    prompt = """
This prompt is to be carried over to {{ tasks | map(attribute="name") | join(", ") }}:

{{ candidate.text }}

It has scored {{ "%.3f" | format(standing.score) }} on {{ standing.examples }} examples.
yes | no, because ... | the text that shall go over in its place
"""
    sample_replies = ("yes", "no, it is too vague", "Say which team the message is for.")

    async def review(self, request: ReviewRequested) -> Veto | Amend | None:
        answer = (await self.ask_about(request)).strip()
        word, _, reason = answer.partition(" ")
        if word.lower().strip(",.:;") in ("no", "n", ""):
            return Veto(reason or "a person said no")
        return None if word.lower().strip(",.:;") in ("yes", "y") else Amend(answer, "by a person")
