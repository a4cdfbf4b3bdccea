-- Tells the rest of the transaction on whose behalf it works: the triggers write it beside what they capture.
select
    set_config('audit.user_id', %(user_id)s, true),
    set_config('audit.session_id', %(session_id)s, true),
    set_config('audit.correlation_id', %(correlation_id)s, true),
    set_config('audit.ip_address', %(ip_address)s, true),
    set_config('audit.request_path', %(request_path)s, true),
    set_config('audit.request_method', %(request_method)s, true)
