"""Records that belong together are found by index: the runs of one deployment, the episodes of one alert."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0002_traffic")]
    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="deployment",
            index=models.Index(condition=models.Q(("run_id__isnull", False)), fields=["run_id"], name="deployment_run"),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                models.Func(
                    "external_id",
                    models.Value("@"),
                    models.Value(1),
                    function="split_part",
                    output_field=models.TextField(),
                ),
                name="incident_alert",
            ),
        ),
    ]
