"""Models served by OpenAI-compatible endpoints."""
