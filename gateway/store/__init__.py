"""What survives: the contract of the store, and its engines."""
