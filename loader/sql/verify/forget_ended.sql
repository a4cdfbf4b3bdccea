-- Entries whose legacy row has gone are no surplus when the live row was withdrawn (a check of its own looks at how), or when it
-- stands for another legacy row as well.
delete from {have} as have
where not exists (select 1 from {want} as want where want.legacy_id = have.legacy_id)
    and (
        have.is_withdrawn
        or have.live_id in (
            select other.live_id from {have} as other inner join {want} as want on other.legacy_id = want.legacy_id
        )
    )
