"""What the operator wrote, read once and judged whole: YAML with positions, models with limits, every mistake told."""
