"""`plimsoll demo`: a little company whose history and traffic arrive through the front doors."""
