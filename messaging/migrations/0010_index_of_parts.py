from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    atomic = False  # the table is large where it is in use, and goes on being written

    dependencies = [("messaging", "0009_words_in_parts")]

    operations = [
        AddIndexConcurrently(model_name="threadtext", index=GinIndex(Coalesce("parts", "words"), name="threadtext_parts")),
    ]
