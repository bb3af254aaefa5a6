"""Rows of tables as a fold sees them: read when first asked for, changed in place, written together."""

from typing import Any

from sqlalchemy import Connection, insert, select
from sqlmodel import SQLModel

Row = dict[str, Any]


class RowBuffer:
    """The rows that a fold reads and changes, as dicts; loaded when first asked for, written by `flush`."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._known: dict[tuple[str, tuple[Any, ...]], tuple[type[SQLModel], Row]] = {}

    def get(self, table: type[SQLModel], *key: Any) -> Row | None:
        """The row with that primary key, to be changed in place; None where there is none."""
        found = self._known.get((str(table.__tablename__), key))
        if found is None:
            columns = table.__table__.primary_key.columns  # type: ignore[attr-defined]
            where = [column == value for column, value in zip(columns, key, strict=True)]
            stored = self._db.execute(select(table.__table__).where(*where)).first()  # type: ignore[attr-defined]
            return self._keep(table, key, dict(stored._mapping)) if stored else None
        return found[1]

    def add(self, table: type[SQLModel], *key: Any) -> Row:
        """A new row with that primary key; every other column has its default."""
        row = {name: field.default for name, field in table.model_fields.items()}
        names = table.__table__.primary_key.columns.keys()  # type: ignore[attr-defined]
        return self._keep(table, key, row | dict(zip(names, key, strict=True)))

    def at(self, table: type[SQLModel], *key: Any) -> Row:
        """The row with that primary key, made where there is none."""
        return self.get(table, *key) or self.add(table, *key)

    def flush(self) -> None:
        """Write every row that was looked at, and forget it."""
        by_table: dict[type[SQLModel], list[Row]] = {}
        for table, row in self._known.values():
            by_table.setdefault(table, []).append(row)
        for table, rows in by_table.items():
            self._db.execute(insert(table).prefix_with("OR REPLACE"), rows)
        self._known.clear()

    def _keep(self, table: type[SQLModel], key: tuple[Any, ...], row: Row) -> Row:
        self._known[str(table.__tablename__), key] = (table, row)
        return row
