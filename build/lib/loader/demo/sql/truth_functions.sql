-- Makes: the two schemas of the demonstration and the few functions that all other files use.
-- `demo` stays (sizes and answer key, read by tests only); `demo_truth` is dropped at the end of the fill.
-- Nothing is random: every choice is a hash of a row number and a salt, so a scale always gives the same rows.
create schema demo;
create schema demo_truth;

-- A number from 0 to m - 1 that looks random and depends on (n, salt) only.
create function demo_truth.pick(n bigint, salt bigint, m bigint) returns bigint
language sql immutable parallel safe
as $$ select (hashint8extended(n, salt) & 9223372036854775807) % m $$;

-- True for exactly `part` of the numbers 1 … whole, spread evenly over them.
create function demo_truth.spread(n bigint, part bigint, whole bigint) returns boolean
language sql immutable parallel safe
as $$ select n * part / whole > (n - 1) * part / whole $$;

-- An id of edu: the day of creation as YYMMDD, two digits for the kind of row, ten digits of counter.
create function demo_truth.legacy_id(at timestamptz, kind bigint, n bigint) returns bigint
language sql stable parallel safe
as $$ select to_char(at, 'YYMMDD')::bigint * 1000000000000 + kind * 10000000000 + n $$;

-- An id of lms as the application would have drawn it (version 4), but the same in every fill and at every scale.
create function demo_truth.live_id(entity text, n bigint) returns uuid
language sql immutable parallel safe
as $$
    select overlay(
        overlay(md5(entity || ':' || n) placing '4' from 13 for 1)
        placing substr('89ab', (n % 4)::integer + 1, 1) from 17 for 1
    )::uuid
$$;

-- One of the values of a list.
create function demo_truth.one_of(choices text[], n bigint, salt bigint) returns text
language sql immutable parallel safe
as $$ select choices[((hashint8extended(n, salt) & 9223372036854775807) % cardinality(choices))::integer + 1] $$;
