"""What becomes text and how answers are read back: tasks, candidates, templates, the seed library."""
