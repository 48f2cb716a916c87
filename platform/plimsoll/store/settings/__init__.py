"""What people change under Settings, one kind of thing a file, each change with its line in the audit."""
