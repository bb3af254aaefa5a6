"""Executors: where the cells of a study are carried out. Each is one small class behind `Executor`."""
