"""`congress-lsp`: what editors ask about policies, answered over the Language Server Protocol.

`places` finds what stands where in a text that may be half written; `knowledge` is what is known of the names around
it, and where they are defined; `completion` and `hover` answer from these two, without I/O. `projects` reads the files,
`server` speaks the protocol. Diagnostics and layout are those of `congress check` and `congress fmt`.
"""
