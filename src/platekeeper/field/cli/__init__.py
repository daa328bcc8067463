"""What is typed on a unit."""
