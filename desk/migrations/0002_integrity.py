"""The record is written by triggers on the tables of all apps: whoever changes them is on it."""

from django.db import migrations

from accounts.migration_operations import sql_file


class Migration(migrations.Migration):
    dependencies = [("desk", "0001_initial")]
    operations = [sql_file(__file__, "record.sql")]
