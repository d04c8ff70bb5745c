"""The two tables of LISA's jobman, row by row, in SQLite and in PostgreSQL.

``address`` names a database and a table, ``schema`` describes the two tables, ``codec`` and
``rows`` store a state in them, ``hashing`` tells one from another, ``clock`` is the database's;
``transactions`` runs compiled ``statements`` and repeats those that may be, ``faults`` words the
errors. The statements of the queue are composed in ``table`` and those that select jobs in
``query``, in terms of these; all can be read, as they are sent, in ``tests/data/sql``.
"""

__all__: list[str] = []
