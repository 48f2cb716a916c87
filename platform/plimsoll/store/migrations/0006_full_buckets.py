"""A bucket of a latency that is full stays full: its 40 bits ran over into the number of the bucket."""

from django.db import migrations

LATENCY_ADD = """
SET LOCAL lock_timeout = '2s';
CREATE OR REPLACE FUNCTION latency_add(a bigint[], b bigint[]) RETURNS bigint[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN a IS NULL OR cardinality(a) = 0 THEN b
        WHEN b IS NULL OR cardinality(b) = 0 THEN a
        ELSE (
            SELECT array_agg((bucket << 40) | n)
            FROM (
                SELECT part >> 40 AS bucket, {n}::bigint AS n
                FROM unnest(a || b) AS part
                GROUP BY 1
            ) AS merged
        )
    END
$$;
"""

_SUM = "sum(part & 1099511627775)"
FORWARD = LATENCY_ADD.format(n=f"least({_SUM}, 1099511627775)")
BACKWARD = LATENCY_ADD.format(n=_SUM)


class Migration(migrations.Migration):
    dependencies = [("store", "0005_halves")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
