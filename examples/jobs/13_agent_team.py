"""A team of two agents: the reader quotes a sentence of the passage, the writer answers from it."""

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.teams import RoundRobinGroupChat

from transfer_prompting import AgentChatProgram


def make_team(client):  # type: ignore[no-untyped-def]
    """Return a new team, which both agents' calls of `client` belong to."""
    reader = AssistantAgent("reader", client, system_message="Quote the sentence that holds the answer.")
    writer = AssistantAgent("writer", client, system_message="Answer from that sentence in a few words.")
    return RoundRobinGroupChat([reader, writer], max_turns=2)


def task(row):  # type: ignore[no-untyped-def]
    """Return what the team is told about a row."""
    return f"{row['context']}\n\nQuestion: {row['question']}"


program = AgentChatProgram(make_team, task)
