"""Two tables of lms for Django."""
