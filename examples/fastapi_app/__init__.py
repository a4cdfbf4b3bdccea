"""FastAPI on the connection manager."""
