"""Who takes part: the messages, the three roles, the models they ask, the evaluator."""
