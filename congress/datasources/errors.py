"""What can be wrong with a request about datasources, beside its content (see `validation`) and the drivers' errors."""

from __future__ import annotations

from congress.errors import CongressError


class DatasourceNotFound(CongressError):
    """No datasource has this name or id."""

    def __init__(self, name_or_id: str) -> None:
        super().__init__(f"Datasource not found {name_or_id}")


class DatasourceNameTaken(CongressError):
    """A datasource or policy of this name exists."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Datasource already in use with name {name}; policies and datasources share their names")


class DatasourceTableNotFound(CongressError):
    """The datasource's driver has no such table."""

    def __init__(self, table: str, datasource: str) -> None:
        super().__init__(f"Table '{table}' for datasource '{datasource}' has no schema ")


class DatasourceNotRunning(CongressError):
    """The datasource exists but nothing runs it: it is disabled, or its driver or secret is not available here."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"datasource {name} does not run: {reason}")


class TableNotPolled(CongressError):
    """The table is one of the datasource's lazy tables, and no rule refers to it yet."""

    def __init__(self, table: str, datasource: str) -> None:
        super().__init__(f"table '{table}' of datasource '{datasource}' is lazy: it is polled once a rule refers to it")
