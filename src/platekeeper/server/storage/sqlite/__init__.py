"""Reads in SQLite files, a folder a UTC day: how a single machine keeps them. `layout` says what lies where."""
