"""What superusers ask for others' sign-ins is on record: who asked for whom, who confirmed or cancelled, when."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0003_who_changed_it"),
        ("accounts", "0005_email_follows_the_address"),
    ]
    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER on_record AFTER INSERT OR UPDATE ON accounts_signinchange "
            "FOR EACH ROW EXECUTE FUNCTION put_change_on_record()",
            "DROP TRIGGER on_record ON accounts_signinchange",
        ),
        migrations.RunSQL(
            "CREATE TRIGGER gone_on_record AFTER DELETE ON accounts_signinchange "
            "FOR EACH ROW EXECUTE FUNCTION put_change_on_record()",
            "DROP TRIGGER gone_on_record ON accounts_signinchange",
        ),
    ]
