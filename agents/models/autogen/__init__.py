"""Chat completion clients of AutoGen as models."""
