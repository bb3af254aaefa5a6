"""Operations on recorded runs: verify, fork, extend, redact and import."""
