"""Models that answer requests, each behind the protocol `base.Model`."""
