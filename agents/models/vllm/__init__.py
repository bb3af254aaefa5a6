"""Models that vLLM runs on this machine."""
