"""Floor 0: the words everybody speaks. Values, the lifecycle table, errors. Imports nothing of ours."""
