"""File and payload formats: hot list files in `hotlists`, what cameras send in `cameras`."""
