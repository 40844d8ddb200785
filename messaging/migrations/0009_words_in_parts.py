"""What is searched is cut into words by a rule of our own, for what is kept and what is asked for alike."""

from django.contrib.postgres.search import SearchVectorField
from django.db import migrations

from accounts.migration_operations import sql_file


class Migration(migrations.Migration):
    dependencies = [("messaging", "0008_index_of_library")]

    operations = [
        migrations.AddField(model_name="threadtext", name="parts", field=SearchVectorField(null=True)),
        sql_file(__file__, "0009_words_in_parts.sql"),
    ]
