"""The JSON documents that commands print, and their JSON schemas."""
