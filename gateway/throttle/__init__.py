"""Pace as pure machines on a given time: token buckets and the lanes that wait for them."""
