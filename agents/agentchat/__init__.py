"""AutoGen's AgentChat beside this project: its agents as roles, models of either as models of the other."""
