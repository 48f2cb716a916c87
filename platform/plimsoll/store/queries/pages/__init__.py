"""What single pages ask: rows as people read them, in a number of questions that does not depend on their number."""
