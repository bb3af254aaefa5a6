"""The agents: curator, reference, scorer, judge and reviewers."""
