"""AutoGen chat completion clients as models."""
