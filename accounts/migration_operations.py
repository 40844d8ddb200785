"""What the first migrations of all apps are made of: tables in one go, composite keys, and files of SQL.

Migrations of later days are ordinary ones and need nothing of this but `sql_file` and `NameFields`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import CreateModel, RunSQL
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class CreateTables(Operation):
    """Many `CreateModel` as one: every model is known before the first table is made.

    One by one, each renders all models related to it anew, which took most of a new database's time. A foreign key is
    made after all tables, so their order doesn't matter. Where there is an index, a constraint or a trigger, it stands
    in the model's options. There is no way back: that is an empty database.
    """

    reversible = False

    def __init__(self, models: Sequence[CreateModel]) -> None:
        self.models = models

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        vars(state).pop("apps", None)  # rendered models would be rendered again with each that comes
        for model in self.models:
            model.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for model in self.models:
            model.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create {len(self.models)} tables"


class NameFields(Operation):
    """What fields and models are called, as many `AlterField` and `AlterModelOptions` as one: the tables stay.

    One by one, each renders the models around it anew: a hundred took six times what all tables do.
    """

    def __init__(
        self, fields: Mapping[str, Mapping[str, str]], options: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        self.fields = fields
        self.options = options or {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        for model, names in self.fields.items():
            fields = state.models[app_label, model].fields
            for name, words in names.items():
                _name, _path, arguments, values = fields[name].deconstruct()
                values.pop("verbose_name", None)
                fields[name] = type(fields[name])(*arguments, **values, verbose_name=words)
        for model, options in self.options.items():
            state.models[app_label, model.lower()].options.update(options)

    def database_forwards(self, *_: Any) -> None:
        pass

    def database_backwards(self, *_: Any) -> None:
        pass

    def describe(self) -> str:
        return "Name fields"


def same_seller(children: Sequence[tuple[str, str, str]]) -> RunSQL:
    """A child belongs to the seller of its parent, whatever code writes the row: kept by composite foreign keys.

    `children` are (table, field, table of the parent), those of a table in a row. The parent is unique by
    (seller_id, id); a null in the field needs no parent.
    """
    statements = []
    for table, keys in groupby(children, lambda child: child[0]):
        added = [
            f"ADD CONSTRAINT {table}_{field}_same_seller FOREIGN KEY (seller_id, {field}_id)"
            f" REFERENCES {parent} (seller_id, id) DEFERRABLE INITIALLY DEFERRED"
            for _, field, parent in keys
        ]
        statements.append(f"ALTER TABLE {table} {', '.join(added)};")
    return RunSQL("\n".join(statements))


def sql_file(migration: str, name: str) -> RunSQL:
    """Run `sql/<name>` beside a migration; `migration` is its `__file__`. A file is final once it was released."""
    return RunSQL((Path(migration).parent / "sql" / name).read_text())


def codes(names: str) -> list[tuple[str, str]]:
    """Codes as choices of a field; `names` has them with blanks between. Their words are not the database's."""
    return [(name, name) for name in names.split()]
