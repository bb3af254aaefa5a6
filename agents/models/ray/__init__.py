"""A pool of Ray actors, each with an engine of its own, as one model."""
