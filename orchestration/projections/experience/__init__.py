"""The experience of a log: what its runs together tell about models, sentences, operators and formats."""
