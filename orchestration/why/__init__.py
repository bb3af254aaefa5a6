"""Why a prompt fared as it did, and what was said about an example: answers from the log alone."""
