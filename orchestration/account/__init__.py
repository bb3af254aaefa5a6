"""What a log tells of a run when it is read from the first event to the last, for whoever asks why."""
