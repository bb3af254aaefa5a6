"""Search for prompts: stages, steps, races, acceptance and promotion."""
