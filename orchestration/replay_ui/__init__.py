"""The interactive screen of `tp replay`: any moment of a run, message by message."""
