"""Configurations to start from, which fit a file of data or a configuration of promptfoo.

`columns` looks at the columns of a file and `forms` at its answers; `from_data` makes a task of them.
`promptfoo` takes over prompts, tests and asserts. `written` writes a configuration, which is loaded once.
"""
