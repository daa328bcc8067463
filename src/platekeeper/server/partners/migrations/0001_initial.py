import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('hotlist', '0001_initial'),
        ('personnel', '0001_initial'),
        ('personnel', '__first__'),
        ('querylog', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Partner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('address', models.CharField(max_length=240, verbose_name='address')),
                ('public_key', models.CharField(help_text='Ed25519, hexadecimal', max_length=64)),
                ('fingerprint', models.CharField(max_length=64, unique=True)),
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='partner', to=settings.AUTH_USER_MODEL)),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='partners', to='personnel.agency')),
            ],
            options={
                'ordering': ('pk',),
            },
        ),
        migrations.CreateModel(
            name='PartnerQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('chosen', 'not asked yet'), ('begun', 'no answer yet'), ('answered', 'answered'), ('refused', 'refused by the partner'), ('failed', 'failed there'), ('down', 'not reached'), ('invalid', 'no valid answer'), ('unasked', 'not asked')], default='chosen', max_length=10)),
                ('asked_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('digest', models.CharField(blank=True, help_text='SHA-256 of the answer as it came', max_length=64)),
                ('clause', models.CharField(blank=True, max_length=12)),
                ('reason', models.CharField(blank=True, max_length=400)),
                ('number', models.BigIntegerField(default=0, help_text="of the partner's Query Log entry")),
                ('found', models.PositiveIntegerField(null=True)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='partner_questions', to='querylog.querylogentry')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='partners.partner')),
            ],
            options={
                'ordering': ('pk',),
                'constraints': [models.UniqueConstraint(fields=('entry', 'partner'), name='partners_asked_once_a_query')],
            },
        ),
        migrations.CreateModel(
            name='PartnerAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('said', models.JSONField(help_text='`core.federation.words.Found`')),
                ('question', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='answer', to='partners.partnerquestion')),
            ],
        ),
        migrations.CreateModel(
            name='PartnerStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('connected', 'connected'), ('stopped', 'stopped'), ('resumed', 'resumed')], max_length=10)),
                ('at', models.DateTimeField()),
                ('why', models.CharField(blank=True, max_length=240)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='partners.partner')),
            ],
            options={
                'ordering': ('pk',),
            },
        ),
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('name', models.CharField(help_text='as the partner calls it', max_length=20)),
                ('purpose', models.CharField(help_text='as queries name them: what the MOU must share it for', max_length=16)),
                ('begun_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('state', models.CharField(choices=[('new', 'not fetched yet'), ('fetched', 'fetched'), ('refused', 'refused by the partner'), ('down', 'not reached'), ('invalid', 'no valid answer'), ('unloaded', 'fetched, and refused here')], default='new', max_length=10)),
                ('tried_at', models.DateTimeField(null=True)),
                ('clause', models.CharField(blank=True, max_length=12)),
                ('reason', models.CharField(blank=True, max_length=400)),
                ('hot_list', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='hotlist.hotlist')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='partners.partner')),
            ],
            options={
                'ordering': ('pk',),
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('hot_list',), name='partners_subscribed_once_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('name', models.CharField(max_length=20)),
                ('offered_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('sent', models.JSONField(default=list)),
                ('made_of', models.CharField(blank=True, max_length=64)),
                ('offered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='partners.partner')),
            ],
            options={
                'ordering': ('pk',),
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('partner', 'name'), name='partners_offered_once_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Heard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.CharField(max_length=32)),
                ('at', models.DateTimeField(db_index=True)),
                ('repeated', models.BooleanField(default=False)),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='heard', to='partners.partner')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('partner', 'uid'), name='partners_heard_once')],
            },
        ),
    ]
