"""Floor 1: SMPP without sockets or clocks. PDUs as values, octets in and out, receipts, times, the session."""
