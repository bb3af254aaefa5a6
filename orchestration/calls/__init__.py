"""Calls of models: concurrency, retries, circuit breaking and the reuse of replies."""
