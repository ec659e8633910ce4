import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('conversations', '0009_fill_channels'),
    ]

    operations = [
        migrations.AlterField(
            model_name='delivery',
            name='identity',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='conversations.contactidentity'),
        ),
    ]
