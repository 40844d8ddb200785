"""What the tables of accounts can't say by themselves: functions and triggers."""

from django.db import migrations

from accounts.migration_operations import sql_file


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [sql_file(__file__, "staff_hold_no_membership.sql")]
