"""Read model replies: answers with their confidence, new instructions, and judgements.

`answers` reads and compares answers. It finds the kind of an answer in `kinds`; each kind is a module:
`label`, `letter`, `number`, `text`, `list_answer`, `json_answer` and `raw`. What a request demands decides
how the answer is found: `stated` reads one answer with its confidence, `guesses` several, `frames` the
replies to other requests, and `marked` finds what a task's own marker or pattern marks.

Before that, `cleaning` and `reasoning` take away what is not meant for the reader, `structured` turns JSON,
tags and tables into lines, and `labels` finds the labelled values. `choosing` decides between several
answers. `form` alone is strict: it says whether a reply has the demanded form.
"""
