"""smpp-gateway: a durable SMPP gateway for business SMS. The map is ARCHITECTURE.md."""

__version__ = "0.1.0"
