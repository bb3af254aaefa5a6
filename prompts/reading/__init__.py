"""Read model replies: answers with their confidence, new instructions, and judgements.

`answers` reads and compares answers. It finds the kind of an answer in `kinds`; each kind is a module:
`label`, `letter`, `number` and `text`. `stated` reads one answer with its confidence, `guesses` several.
"""
