"""AutoGen's AgentChat: its agents as roles of a run, and this project's models as its clients."""
