"""The field unit, in a car or on a pole: pictures in, alarms out, reads kept until the department has them. Works offline."""
