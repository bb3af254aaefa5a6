"""Where runs come from and where they lead: checking, forking, comparing, moving and redacting them."""
