"""Money as pure rules: what a message costs, decided once, from data that has a version."""
