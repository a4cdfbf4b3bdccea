"""Two small web applications on the connection manager."""
