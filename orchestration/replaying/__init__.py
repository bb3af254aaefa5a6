"""Looking at a run at leisure, at any of its moments: play, step, jump, search, open a message in full."""
