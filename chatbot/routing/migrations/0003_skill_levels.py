import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


def end_all_but_the_newest(apps, schema_editor):
    assignment = apps.get_model("routing", "Assignment")
    newest = (
        assignment.objects.filter(ended_at=None)
        .values("conversation")
        .annotate(newest=models.Max("pk"))
        .values("newest")
    )
    for one in assignment.objects.filter(ended_at=None).exclude(pk__in=list(
        newest.values_list("newest", flat=True)
    )):
        one.ended_at = one.created_at
        one.save(update_fields=["ended_at"])


class Migration(migrations.Migration):
    """The table of agents' skills gets levels; its rows stay."""

    dependencies = [("routing", "0002_channels")]

    operations = [
        migrations.RunPython(end_all_but_the_newest, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="AgentSkill",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "agent",
                            models.ForeignKey(
                                db_column="agentprofile_id",
                                on_delete=django.db.models.deletion.CASCADE,
                                to="routing.agentprofile",
                                verbose_name="agent",
                            ),
                        ),
                        (
                            "skill",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                to="routing.skill",
                                verbose_name="skill",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "skill of an agent",
                        "verbose_name_plural": "skills of agents",
                        "db_table": "routing_agentprofile_skills",
                        "unique_together": {("agent", "skill")},
                    },
                ),
                migrations.AlterField(
                    model_name="agentprofile",
                    name="skills",
                    field=models.ManyToManyField(
                        blank=True,
                        related_name="agents",
                        through="routing.AgentSkill",
                        to="routing.skill",
                        verbose_name="skills",
                    ),
                ),
            ]
        ),
        migrations.AddField(
            model_name="agentskill",
            name="level",
            field=models.PositiveSmallIntegerField(
                default=3,
                help_text="1 a beginner, 5 an expert. Matters until their own cases say more.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(5),
                ],
                verbose_name="level",
            ),
        ),
    ]
