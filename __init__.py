"""Transfer-Prompting: two-stage prompt optimisation by agents on an append-only event log."""

__version__ = "0.1.0"
