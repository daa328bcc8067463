import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Course',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=160, unique=True)),
                ('kind', models.CharField(choices=[('initial', 'initial: before the first use'), ('refresher', 'refresher: repeats it'), ('in_service', 'in-service: on a change of hardware, software or law')], max_length=12)),
                ('outline', models.TextField(blank=True, help_text='what it covers')),
                ('added_at', models.DateTimeField()),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('title',),
            },
        ),
        migrations.CreateModel(
            name='Position',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=80, unique=True)),
            ],
            options={
                'ordering': ('title',),
            },
        ),
        migrations.CreateModel(
            name='Agency',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('ori', models.CharField(blank=True, max_length=9, verbose_name='ORI')),
                ('contact', models.CharField(blank=True, max_length=160, verbose_name='whom to call')),
                ('is_department', models.BooleanField(default=False)),
            ],
            options={
                'verbose_name_plural': 'agencies',
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_department', True)), fields=('is_department',), name='personnel_one_department')],
            },
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('username', models.CharField(max_length=60, unique=True, verbose_name='login name')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('badge', models.CharField(blank=True, max_length=20, verbose_name='badge or employee number')),
                ('kind', models.CharField(choices=[('member', 'member'), ('staff', 'staff'), ('outside', 'outside agency')], max_length=10, verbose_name='kind')),
                ('is_active', models.BooleanField(default=True, help_text='follows the latest `Disabling`', verbose_name='active')),
                ('must_set_password', models.BooleanField(default=False, help_text='the password was set by somebody else')),
                ('added_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(blank=True, help_text='when a temporary account ends by itself', null=True)),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='people', to='personnel.agency')),
            ],
            options={
                'verbose_name_plural': 'people',
                'ordering': ('name',),
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('username'), name='personnel_login_name_once_in_any_case')],
            },
        ),
        migrations.CreateModel(
            name='Bulletin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('title', models.CharField(max_length=160)),
                ('text', models.TextField()),
                ('cause', models.CharField(choices=[('hardware', 'hardware'), ('software', 'software'), ('law', 'law'), ('policy', 'policy')], max_length=10)),
                ('positions', models.JSONField(default=list, help_text='titles it concerns; none: everybody with an account')),
                ('due_on', models.DateField()),
                ('must', models.BooleanField(default=True)),
                ('issued_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('issued_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('course', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bulletins', to='personnel.course')),
            ],
            options={
                'ordering': ('-issued_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='BulletinReceipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('read_at', models.DateTimeField()),
                ('bulletin', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='personnel.bulletin')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('bulletin', 'person'), name='personnel_one_receipt_each')],
            },
        ),
        migrations.CreateModel(
            name='ChangeNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cause', models.CharField(choices=[('hardware', 'hardware'), ('software', 'software'), ('law', 'law'), ('policy', 'policy')], max_length=10)),
                ('what', models.CharField(max_length=240)),
                ('subject', models.CharField(blank=True, help_text='what changed, such as lpr:3 or policy:2', max_length=80)),
                ('arose_at', models.DateTimeField()),
                ('arose_by', models.BigIntegerField(help_text="the account's number")),
                ('no_need', models.CharField(blank=True, help_text='why no bulletin is needed', max_length=240)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('bulletin', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='personnel.bulletin')),
            ],
            options={
                'ordering': ('-arose_at', '-pk'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('bulletin', None), ('no_need', '')), models.Q(('answered_at__isnull', False), ('bulletin__isnull', False), ('no_need', '')), models.Q(('answered_at__isnull', False), ('bulletin', None), models.Q(('no_need', ''), _negated=True)), _connector='OR'), name='personnel_notice_answered_one_way')],
            },
        ),
        migrations.CreateModel(
            name='Disabling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('disabled_at', models.DateTimeField()),
                ('enabled_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disablings', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('enabled_at', None)), fields=('person',), name='personnel_disabled_once_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('staff_access', 'staff access to LPR data (IV.c)'), ('designee', 'designee with access to LPR data (VI.b)'), ('inquiries', 'inquiries of stored LPR data (VIII.b)')], max_length=16)),
                ('granted_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('granted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('person', 'kind'), name='personnel_granted_once_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Holding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateField()),
                ('until', models.DateField(blank=True, null=True)),
                ('given_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holdings', to=settings.AUTH_USER_MODEL)),
                ('position', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holdings', to='personnel.position')),
            ],
            options={
                'ordering': ('since', 'pk'),
                'constraints': [models.CheckConstraint(condition=models.Q(('until', None), ('until__gte', models.F('since')), _connector='OR'), name='personnel_holding_order'), models.UniqueConstraint(condition=models.Q(('ended_at', None), ('until', None)), fields=('person', 'position'), name='personnel_held_once_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sealed_at', models.DateTimeField()),
                ('broken_at', models.DateTimeField(blank=True, null=True)),
                ('told_at', models.DateTimeField(blank=True, help_text='when it was mailed to who governs', null=True)),
                ('ended_at', models.DateTimeField(blank=True, help_text='answered for, or sealed anew unbroken', null=True)),
                ('answer', models.TextField(blank=True, help_text='why it was broken, and what was done')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seals', to=settings.AUTH_USER_MODEL)),
                ('sealed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-sealed_at', '-pk'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('person',), name='personnel_sealed_once_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Training',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('on', models.DateField()),
                ('given_by', models.CharField(max_length=120)),
                ('recorded_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_why', models.CharField(blank=True, max_length=240)),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='trainings', to='personnel.course')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='trainings', to=settings.AUTH_USER_MODEL)),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-on', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='Workstation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('why', models.TextField(verbose_name='where it stands, and why nobody else gets at it')),
                ('token_hash', models.CharField(help_text='SHA-256 of what the browser keeps', max_length=64, unique=True)),
                ('named_at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('named_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-named_at', '-pk'),
            },
        ),
    ]
