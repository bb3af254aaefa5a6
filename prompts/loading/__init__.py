"""Load tasks and their examples from files and from the Hugging Face hub."""
