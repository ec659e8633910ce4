from django.db import migrations


def add_rules(apps, schema_editor):
    rule = apps.get_model("routing", "RoutingRule")
    if rule.objects.exists():
        return
    rule.objects.create(order=10, strategy="critical", from_priority="urgent")
    rule.objects.create(order=20, strategy="vip", for_vips=True)
    rule.objects.create(order=30, strategy="complex", from_complexity=0.7)


class Migration(migrations.Migration):
    """What most companies will want; admins change it as they like."""

    dependencies = [("routing", "0005_case_vectors")]

    operations = [migrations.RunPython(add_rules, migrations.RunPython.noop)]
