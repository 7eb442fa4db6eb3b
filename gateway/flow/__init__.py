"""What to do: accept, dispatch, settle, hand over. Knows sessions and the store, sees no socket."""
