import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('personnel', '__first__'),
        ('querylog', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='StakeOut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('asked_at', models.DateTimeField()),
                ('asked', models.JSONField(help_text='the question: terms and reasons')),
                ('until', models.DateTimeField()),
                ('state', models.CharField(choices=[('requested', 'waiting for approval'), ('running', 'running'), ('refused', 'refused'), ('ended', 'ended')], max_length=10)),
                ('decided_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('remark', models.CharField(blank=True, help_text='why it was refused, or ended', max_length=240)),
                ('seen_to', models.BigIntegerField(default=0, help_text='the number of the last read it was tried on')),
                ('found', models.PositiveIntegerField(default=0, help_text='reads found so far, those disposed of included')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stake_outs', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entry', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='stake_out', to='querylog.querylogentry')),
            ],
            options={
                'ordering': ('-asked_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='Find',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(db_index=True, help_text='of capture, in UTC')),
                ('number', models.BigIntegerField()),
                ('stake_out', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='finds', to='stakeouts.stakeout')),
            ],
            options={
                'ordering': ('-pk',),
                'constraints': [models.UniqueConstraint(fields=('stake_out', 'day', 'number'), name='stakeouts_found_once')],
            },
        ),
    ]
