"""Experience between logs: packs that can be shared, and what a new run takes from logs and packs."""
