"""Which node each layer of a pod spoke for, so that an application and its proxy are known to be one service."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0006_full_buckets")]
    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="PodName",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "cluster", "pod", "namespace", "layer", "node_id",
                        blank=True, editable=False, primary_key=True, serialize=False,
                    ),
                ),
                ("cluster", models.TextField()),
                ("pod", models.TextField()),
                ("namespace", models.TextField()),
                ("layer", models.TextField()),
                (
                    "node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="store.node"
                    ),
                ),
                ("last_seen", models.DateTimeField()),
            ],
            options={"db_table": "pod_name"},
        ),
    ]  # fmt: skip
