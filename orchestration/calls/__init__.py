"""Model calls: dispatch, retry, caching and circuit breaking."""
