from typing import Any

from autogen_agentchat.agents import AssistantAgent
from autogen_core.models import ChatCompletionClient

from transfer_prompting import AgentChatRole, Reviewer, ReviewRequested, Veto


def count_words(text: str) -> int:
    """How many words a text has."""
    return len(text.split())


class Adviser(AgentChatRole, Reviewer):
    """An AgentChat assistant with a tool, which vetoes prompts that are too long to be kept in mind."""

    tools = (count_words,)
    sample_replies = ("PASS", "VETO: it has far too many words.")

    def make_agent(self, client: ChatCompletionClient, tools: list[Any]) -> AssistantAgent:
        return AssistantAgent(
            "adviser",
            model_client=client,
            tools=tools,
            reflect_on_tool_use=True,
            system_message="Count the words of the prompt with your tool. Then write PASS, or VETO and why.",
        )

    async def review(self, request: ReviewRequested) -> Veto | None:
        answer = await self.chat(f"The prompt:\n{request.candidate.text}", request.candidate.id)
        return Veto(answer[4:].strip(" :")) if answer.startswith("VETO") else None
