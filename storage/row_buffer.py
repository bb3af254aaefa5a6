"""Write-back buffer for the table rows that a projection changes."""

from typing import Any

from sqlalchemy import Connection, insert, select
from sqlmodel import SQLModel

Row = dict[str, Any]


class RowBuffer:
    """Rows as dicts. A row is read on first access, changed in place, and written by `flush`."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._rows: dict[tuple[str, tuple[Any, ...]], tuple[type[SQLModel], Row]] = {}

    def get(self, table: type[SQLModel], *key: Any) -> Row | None:
        """Return the row with that primary key, to be changed in place; None if there is none."""
        buffered = self._rows.get((str(table.__tablename__), key))
        if buffered is None:
            columns = table.__table__.primary_key.columns  # type: ignore[attr-defined]
            where = [column == value for column, value in zip(columns, key, strict=True)]
            stored = self._db.execute(select(table.__table__).where(*where)).first()  # type: ignore[attr-defined]
            return self._keep(table, key, dict(stored._mapping)) if stored else None
        return buffered[1]

    def add(self, table: type[SQLModel], *key: Any) -> Row:
        """Add a row with that primary key. Every other column has its default."""
        row = {name: field.default for name, field in table.model_fields.items()}
        names = table.__table__.primary_key.columns.keys()  # type: ignore[attr-defined]
        return self._keep(table, key, row | dict(zip(names, key, strict=True)))

    def at(self, table: type[SQLModel], *key: Any) -> Row:
        """Return the row with that primary key, adding it if there is none."""
        return self.get(table, *key) or self.add(table, *key)

    def flush(self) -> None:
        """Write every buffered row and empty the buffer."""
        by_table: dict[type[SQLModel], list[Row]] = {}
        for table, row in self._rows.values():
            by_table.setdefault(table, []).append(row)
        for table, rows in by_table.items():
            self._db.execute(insert(table).prefix_with("OR REPLACE"), rows)
        self._rows.clear()

    def _keep(self, table: type[SQLModel], key: tuple[Any, ...], row: Row) -> Row:
        self._rows[str(table.__tablename__), key] = (table, row)
        return row
