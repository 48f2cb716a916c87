"""What the templates of the map, the matrix and the list are drawn from."""
