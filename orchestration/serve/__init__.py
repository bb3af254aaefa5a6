"""The pages of a log, live in a browser: a read-only web server on this computer."""
