-- Takes rows in as edu has written them.
copy {relation} ({columns}) from stdin with (format {form})
