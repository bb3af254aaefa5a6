"""Score prompts: measures, intervals, sequential tests, constraints and the verdict."""
