"""Reads in PostgreSQL."""
