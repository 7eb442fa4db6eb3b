"""Sockets, and nothing else: dull shells that ask the session, obey it, and write once a turn."""
