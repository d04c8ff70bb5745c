"""A database of the experiment's own that is left open."""

import sqlite3

database = None


def main(state, channel):
    global database
    database = sqlite3.connect("own.db")
    database.execute("CREATE TABLE t (x)")
    database.execute("INSERT INTO t VALUES (1)")
    database.commit()
    state.results = {"n": database.execute("SELECT count(*) FROM t").fetchone()[0]}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
