from pydantic import BaseModel

from transfer_prompting import Amend, Reviewer, ReviewRequested


class Translator(Reviewer):
    """Carries promoted prompts over into the language of the target task."""

    reviews = ("promotion",)
    prompt = """
Translate this instruction for a language model into {{ settings.language }}. It will be used on this task:
{% for task in tasks %}
{{ task.description }}{% if task.answer.labels %} Answers: {{ task.answer.labels | join(", ") }}.{% endif %}

{% endfor %}
Use the task's own answers where the instruction names answers. Write the translation alone.

{{ candidate.text }}
"""
    sample_replies = ("Sag, ob der Text lobt oder tadelt.", "Bestimme das Thema.")

    class Settings(BaseModel):
        language: str = "German"

    async def review(self, request: ReviewRequested) -> Amend | None:
        text = (await self.ask_about(request)).strip()
        return Amend(text, f"translated into {self.settings.language}") if text else None
