"""Two small applications with the same addresses, one for each framework: whatever a request can come to."""
