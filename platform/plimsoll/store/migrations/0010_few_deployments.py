"""The few deployments that failed, and those that are under way, are found by index among all others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0009_setup")]
    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="deployment",
            index=models.Index(condition=models.Q(("failed", True)), fields=["finished_at"], name="deployment_failed"),
        ),
        migrations.AddIndex(
            model_name="deployment",
            index=models.Index(
                condition=models.Q(("status", "running")), fields=["started_at"], name="deployment_running"
            ),
        ),
    ]
