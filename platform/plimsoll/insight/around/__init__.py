"""What surrounds one deployment, incident or service: traffic before and after, what it counts towards, its story."""
