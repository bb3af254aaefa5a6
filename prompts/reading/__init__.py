"""Read model replies: answers with their confidence, new instructions, and judgements.

`answers` reads and compares answers. It finds the kind of an answer in `kinds`; each kind is a module:
`label`, `letter`, `number` and `text`. `stated` reads one answer with its confidence, `guesses` several.

Before that, `cleaning` and `reasoning` take away what is not meant for the reader, `structured` turns JSON,
tags and tables into lines, and `labels` finds the labelled values. `choosing` decides between several
answers. `form` alone is strict: it says whether a reply has the demanded form. `rules_1` holds the first
version of all these rules, by which old logs are re-enacted.
"""
