"""The log as tables, for whoever would rather ask in SQL: runs, candidates, scores, calls, costs by role."""
