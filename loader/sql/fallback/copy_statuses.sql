copy {schema}.submission_statuses from stdin with (format csv, header true)
