"""The demonstration: two embedded PostgreSQL servers, invented data, and the whole migration on them."""
