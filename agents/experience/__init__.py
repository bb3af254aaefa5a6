"""Experience: what the sentences of prompts have been worth, told from all answers, and how it is used."""
