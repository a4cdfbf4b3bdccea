-- One hash over what the live tables look like and what the views of migration say.
select md5(concat(
    ledger.live_fingerprint(),
    (
        select string_agg(format('%s %s', class.oid, pg_get_viewdef(class.oid)), ',' order by class.oid)
        from pg_class as class
        where class.relnamespace = to_regnamespace('migration') and class.relkind = 'v'
    )
)) as definitions
