"""What authors of policies do without a service: projects of policies on disk, checked, evaluated, tested, measured.

`project` and `files` read policies, `schemas` the tables under them, `rows` their rows; `loading` puts the three into a
`congress.engine.workspace.Workspace`. `checking`, `testing`, `profiling`, `graph` and `drawing` answer questions about
them. `recorded` and `live` fetch rows from a recorded cloud and a running server. The command line
(`congress.cli.authoring`) and the language server (`congress.languageserver`) are thin fronts over this package.
"""
