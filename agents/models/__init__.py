"""The models that answer requests, each behind the one seam of `base.Model`."""
