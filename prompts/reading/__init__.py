"""Read answers, proposals and judgements from model replies."""
