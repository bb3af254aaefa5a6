"""Load tasks from files and from the Hugging Face hub.

`task_settings` describes a task and `task_loader` loads it: `rows` reads the files, `drafts` maps their
columns to fields, `golds` and `labels` interpret the right answers, `examples` checks them, `splits`
distributes the examples, and `overlap` keeps each question in one split.
"""
