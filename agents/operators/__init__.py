"""Operators: the ways to make a new prompt, one class each.

An edit (`sentences`, `task_words`, `demonstrations`) needs no model; every other operator has a model write
the instruction. `base` holds their interface, `material` their input, and `library` lists them all.
"""
