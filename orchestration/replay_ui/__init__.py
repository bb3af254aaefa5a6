"""The interactive replay screen."""
