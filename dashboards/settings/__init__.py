"""Settings: what people change by forms, one kind of thing a file. All of it works without a script."""
