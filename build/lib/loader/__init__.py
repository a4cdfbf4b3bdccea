"""The command line `edu2lms`: prepares, loads, runs and reports the migration from edu to lms."""
