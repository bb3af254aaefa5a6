"""Trust in runs: a log is data, and what it demands of this computer needs the user's approval.

A run that was started here, or approved here, is recorded in the user's state folder, outside every log.
"""
