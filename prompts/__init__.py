"""Prompts: tasks and their examples, candidate prompts, templates, and the reading of replies.

`loading` reads tasks from files, `rendering` turns templates into text, and `reading` reads replies back.
"""
