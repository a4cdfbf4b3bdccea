-- What the live tables look like, one text per catalogue item; the query is live_facts.sql. The settings make the same thing the
-- same text whoever asks.
create or replace function ledger.live_facts() returns setof text
language sql
stable
set search_path = pg_catalog
set datestyle = 'ISO, YMD'
set timezone = 'UTC'
set intervalstyle = 'iso_8601'
set extra_float_digits = 1
set bytea_output = 'hex'
set quote_all_identifiers = off
as $facts$
{query}
$facts$
