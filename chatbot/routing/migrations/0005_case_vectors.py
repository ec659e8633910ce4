import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0011_routing_facts"),
        ("routing", "0004_learning"),
    ]

    operations = [
        migrations.AddField(
            model_name="newproblem",
            name="names",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.CreateModel(
            name="CaseVector",
            fields=[
                (
                    "conversation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="case_vector",
                        serialize=False,
                        to="conversations.conversation",
                    ),
                ),
                ("vector", models.BinaryField()),
                ("language", models.CharField(blank=True, max_length=16)),
                ("made_by", models.CharField(max_length=64)),
                ("at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "question of a handed-off conversation",
                "verbose_name_plural": "questions of handed-off conversations",
            },
        ),
    ]
