"""Names and numbers of the stored form, for the writer and for readers that load no database library."""

COLUMNS = "seq, run, version, id, kind, schema, sender, recipients, cause, at, data, hash"
INSERT = f"INSERT INTO event ({COLUMNS}) VALUES ({', '.join('?' * len(COLUMNS.split(',')))})"
CALL_KINDS = ("call.requested", "call.finished")
"""Nearly all events of a log."""
SAID = f"kind NOT IN {CALL_KINDS}"
"""True of all the others. Exactly this condition has an index."""
_BEFORE_KEY = '{"kind":"call.finished","key":"'
KEY = f"substr(data, {len(_BEFORE_KEY) + 1}, 32)"
"""Of a call.finished, the key: what was asked of which model. Its place is fixed, and it has an index."""
APPLICATION_ID = 0x54504C47
"""Written into the file's header ("TPLG"), so that a stranger's SQLite file is told from a log."""
SCHEMA_VERSION = 1
