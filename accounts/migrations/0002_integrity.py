"""What the tables of accounts can't say by themselves: functions and triggers."""

from django.db import migrations

from accounts.migration_operations import sql_file


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("account", "0009_emailaddress_unique_primary_email")]
    operations = [
        sql_file(__file__, "staff_hold_no_membership.sql"),
        sql_file(__file__, "one_address.sql"),
        sql_file(__file__, "guarded.sql"),
    ]
