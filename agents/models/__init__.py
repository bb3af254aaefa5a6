"""Models that answer requests, all with the interface `base.Model`."""
