"""The two tables of LISA's jobman, row by row, in SQLite and in PostgreSQL.

``address`` says where a table is, ``schema`` what it looks like, ``codec`` and ``rows`` how a state
stands in it, ``clock`` what time it is there; ``transactions`` runs compiled ``statements`` and
tries again what may be, ``faults`` words the errors. What a job's rows mean to the queue is said in
``table``, how they are selected in ``query``; a statement of either is written there, in terms of
these.
"""

__all__: list[str] = []
