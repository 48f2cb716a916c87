"""Where a metric series stands, in a form that is quick to read and write, and by which write it got there.

States that are stored as JSON remain readable: their first byte is `{`. Nothing but the key is indexed, so that saving
a state touches one page (a heap-only update); the few idle rows are found by reading the table.
"""

from django.db import migrations

FORWARD = """
SET LOCAL lock_timeout = '2s';
DROP INDEX metric_series_idle;
ALTER TABLE metric_series
    ALTER COLUMN state TYPE bytea
        USING CASE WHEN state IN ('null', '{}') THEN '' ELSE convert_to(state::text, 'UTF8') END,
    -- a random number of the transaction that saved the state: nobody else's state has it
    ADD COLUMN revision bigint NOT NULL DEFAULT 0,
    SET (fillfactor = 60);
"""

BACKWARD = """
SET LOCAL lock_timeout = '2s';
DELETE FROM metric_series WHERE substr(state, 1, 1) <> '{';
ALTER TABLE metric_series
    ALTER COLUMN state TYPE jsonb USING convert_from(state, 'UTF8')::jsonb,
    DROP COLUMN revision,
    RESET (fillfactor);
CREATE INDEX metric_series_idle ON metric_series (updated_at);
"""


class Migration(migrations.Migration):
    dependencies = [("store", "0003_groups")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
