"""Schedule a grid of jobs."""

import descent
from jobman import DD, api0, flatten, sql

db = api0.open_db("sqlite:///descent.db?table=descent")

state = DD()
state.start = DD(x=3.0, y=-2.0)
added = 0
for learning_rate in (0.001, 0.01, 0.05, 0.2):
    for steps in (10, 100):
        state.learning_rate = learning_rate
        state.steps = steps
        # None, if there is such a job already.
        if sql.insert_job(descent.descend, flatten(state), db) is not None:
            added += 1

db.createView("descent_view", verbose=False)
print(f"{added} jobs added, {len(list(db))} in {db.tablename} of {db.dbname}")
