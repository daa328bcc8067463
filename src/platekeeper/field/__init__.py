"""The field unit, in a car or on a pole: pictures in, alarms out, reads kept until the department has them. Works offline."""

import os

# A file of a kilobyte may claim to be a picture of gigabytes. OpenCV asks for this as it is loaded, so it is said before.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(64_000_000))
