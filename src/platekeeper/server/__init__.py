"""The department's server."""
