"""Event streams that tell pages what changed: names only, one database connection a process however many listen."""
