"""The agents: their messages, roles, models and search, and the evaluator."""
