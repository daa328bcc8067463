import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('personnel', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='AnnualReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('due_on', models.DateField(blank=True, null=True)),
                ('begun_at', models.DateTimeField()),
                ('handed_over_at', models.DateTimeField(blank=True, help_text='recommendations went to the Chief', null=True)),
                ('concluded_at', models.DateTimeField(blank=True, null=True)),
                ('conclusion', models.CharField(blank=True, choices=[('keep', 'the policy stays as it is'), ('amend', 'the policy is to be amended')], max_length=8)),
                ('remark', models.CharField(blank=True, max_length=1000)),
                ('next_on', models.DateField(blank=True, help_text='by when the next review is due', null=True)),
                ('begun_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('concluded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-begun_at',),
                'constraints': [models.UniqueConstraint(models.Value(1), condition=models.Q(('concluded_at', None)), name='policy_one_annual_review_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(unique=True)),
                ('values', models.JSONField(default=dict, help_text='blank key -> value, as `core.blanks` types it')),
                ('amendments', models.JSONField(default=dict, help_text='clause number -> what the department did to it')),
                ('unconfirmed', models.JSONField(default=list, help_text='keys of values that a profile proposed, nobody yet said')),
                ('drafted_at', models.DateTimeField()),
                ('put_up_at', models.DateTimeField(blank=True, help_text='put up for review; a change takes it back', null=True)),
                ('adopted_at', models.DateTimeField(blank=True, null=True)),
                ('adopted_by', models.BigIntegerField(blank=True, help_text="the account's number", null=True)),
                ('adopted_by_name', models.CharField(blank=True, max_length=120)),
                ('effective_at', models.DateTimeField(blank=True, null=True)),
                ('digest', models.CharField(blank=True, max_length=64)),
            ],
            options={
                'ordering': ('number',),
                'constraints': [models.UniqueConstraint(models.Value(1), condition=models.Q(('adopted_at', None)), name='policy_one_draft_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('adopted_at', None), ('digest', ''), ('effective_at', None)), models.Q(('adopted_at__isnull', False), ('effective_at__isnull', False), models.Q(('digest', ''), _negated=True)), _connector='OR'), name='policy_adopted_has_digest')],
            },
        ),
        migrations.CreateModel(
            name='PolicyComment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('clause', models.CharField(blank=True, max_length=20)),
                ('text', models.CharField(max_length=1000)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='policy.policyversion')),
            ],
            options={
                'ordering': ('at', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='Recommendation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('clause', models.CharField(blank=True, max_length=20)),
                ('text', models.CharField(max_length=1000)),
                ('at', models.DateTimeField()),
                ('decision', models.CharField(blank=True, choices=[('accepted', 'accepted'), ('declined', 'declined')], max_length=8)),
                ('reason', models.CharField(blank=True, max_length=400)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recommendations', to='policy.annualreview')),
            ],
            options={
                'ordering': ('at', 'pk'),
            },
        ),
    ]
