"""Hot lists in force, ready for matching: the same on the server and on a unit in the field."""
