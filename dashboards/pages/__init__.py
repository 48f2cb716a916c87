"""One page a file: what it is asked for, one question to the layers below, and what its template shows."""
