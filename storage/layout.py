"""Constants of the stored format, importable without a database library."""

COLUMNS = "seq, run, version, id, kind, schema, sender, recipients, cause, at, data, hash"
INSERT = f"INSERT INTO event ({COLUMNS}) VALUES ({', '.join('?' * len(COLUMNS.split(',')))})"
APPLICATION_ID = 0x54504C47
"""Application id in the header of an SQLite log ("TPLG"), which tells it from any other SQLite file."""
SCHEMA_VERSION = 1
