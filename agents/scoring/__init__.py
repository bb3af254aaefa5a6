"""Scoring: from outcomes of examples to measures, scores, comparisons and the verdict of a run.

- `metrics`: accuracy, expected calibration error, AUROC, PR-P, PR-N, Brier score and composite score.
- `measures`: all measures of a set of outcomes, with instruction-following rate, brevity and cost.
- `evaluator`: the score vector of a prompt, with intervals and the default weights.
- `intervals`: Wilson's interval and the bootstrap; `sample_interval`: Student's interval of repeated samples.
- `utility`: the score of a single example; `sequential`: tests of utilities that one may stop at any time.
- `constraints`: limits on single measures, such as "ifr >= 0.95".
- `comparison`: the paired comparison of two prompts; `verdict`: the end of a run.
"""
