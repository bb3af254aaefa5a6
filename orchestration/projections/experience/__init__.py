"""The experience of a log: what all of its runs together tell about models, sentences, operators and formats."""
