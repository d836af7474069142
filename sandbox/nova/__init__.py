"""Nova v2.1: servers and what they are made of."""
