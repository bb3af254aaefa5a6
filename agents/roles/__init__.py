"""The agents: curator, reference, scorer, wording judge and reviewers."""
