-- Who is logged in, for row-level security and until the end of the transaction only. Parameter: user_id.
select set_config('app.current_user_id', %(user_id)s::text, true)
