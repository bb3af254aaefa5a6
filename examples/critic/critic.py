from pydantic import BaseModel

from transfer_prompting import Reviewer, ReviewRequested, Veto


class Critic(Reviewer):
    """Vetoes prompts that give answers away or break a policy."""

    prompt = """
You review a prompt before it is used.
{% for task in tasks %}
Task {{ task.name }}: {{ task.description }}
{% for example in task.dev[:5] %}
- a question of it: {{ example.question }}
{% endfor %}
{% endfor %}
The policy: {{ settings.policy }}

The prompt to be reviewed:
<prompt>
{{ candidate.text }}
</prompt>

Does it state the answers of particular questions, or break the policy? Write one line: PASS, or VETO with the
reason.
"""
    sample_replies = ("PASS", "VETO: it names an answer.")

    class Settings(BaseModel):
        policy: str = "No promises, no threats, no private data."

    async def review(self, request: ReviewRequested) -> Veto | None:
        reply = (await self.ask_about(request)).strip()
        return Veto(reply[4:].strip(" :")) if reply.upper().startswith("VETO") else None
