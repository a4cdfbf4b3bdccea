-- One hash over the shape of the live tables. Data do not change it; whatever DDL does to a table or to what hangs on it does.
create or replace function ledger.live_fingerprint() returns text
language sql
stable
set search_path = pg_catalog
as $$
    select md5(coalesce(string_agg(fact, e'\n' order by fact collate "C"), ''))
    from ledger.live_facts() as fact
$$
