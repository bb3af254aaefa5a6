"""The result of a run, ready to use: the winner's request in other forms, and its answers to new rows."""
