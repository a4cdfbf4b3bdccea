"""What both example applications have in common: the SQL, the pages, and how an answer looks."""
