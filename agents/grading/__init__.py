"""Grading: from a model's reply to the outcome of one example, by the metrics of its task.

Built-in metrics are computed at once. A `journalled` metric asks outside: a function of the user's
(`functions`) or a model that judges the response. What it says is in the log, so a replay needs neither.
"""
