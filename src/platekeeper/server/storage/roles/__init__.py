"""PostgreSQL's roles: one that owns the records and one that the server works as (decision 18)."""
