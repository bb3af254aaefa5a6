"""Load tasks from files and from the Hugging Face hub.

`task_settings` describes a task and `task_loader` loads it: `rows` reads the files, `splits` distributes the
rows, and `examples` turns rows into checked examples.
"""
