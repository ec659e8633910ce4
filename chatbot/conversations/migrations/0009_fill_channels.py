from django.db import migrations, models


def name_whom_deliveries_go_to(apps, schema_editor):
    Delivery = apps.get_model('conversations', 'Delivery')
    Message = apps.get_model('conversations', 'Message')
    identity = Message.objects.filter(pk=models.OuterRef('message_id')).values(
        'conversation__identity_id'
    )
    Delivery.objects.filter(identity=None).update(identity_id=models.Subquery(identity[:1]))


def encrypt_secrets(apps, schema_editor):
    # They are read as they are, and written encrypted.
    for channel in apps.get_model('conversations', 'Channel').objects.all():
        channel.save(update_fields=['identity_secret'])


class Migration(migrations.Migration):

    dependencies = [
        ('conversations', '0008_channels'),
    ]

    operations = [
        migrations.RunPython(name_whom_deliveries_go_to, migrations.RunPython.noop),
        migrations.RunPython(encrypt_secrets, migrations.RunPython.noop),
    ]
