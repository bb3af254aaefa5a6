"""Constants of the stored format, importable without a database library."""

COLUMNS = "seq, run, version, id, kind, schema, sender, recipients, cause, at, data, hash"
INSERT = f"INSERT INTO event ({COLUMNS}) VALUES ({', '.join('?' * len(COLUMNS.split(',')))})"
KEY_INDEX = (
    "CREATE INDEX IF NOT EXISTS event_key ON event (substr(data, 32, 32)) WHERE kind = 'call.finished'"
)
"""Index of the replies by the keys of their calls, for runs that use replies of other runs.

Only such a run creates it: keys are random, so it costs every append as much as two further columns. Logs of
earlier versions have it from their beginning. `agents/call_events.py` passes the same place to `Reader`.
"""
APPLICATION_ID = 0x54504C47
"""Application id in the header of an SQLite log ("TPLG"), which tells it from any other SQLite file."""
SCHEMA_VERSION = 1
