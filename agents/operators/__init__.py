"""Operators: the ways to make a new prompt of those that are there, one class each."""
