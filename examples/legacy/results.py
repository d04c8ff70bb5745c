"""Show what came of the jobs, the best one first."""

from jobman import api0, expand, sql

db = api0.open_db("sqlite:///descent.db?table=descent")
session = db.session()

done = db.query(session).filter_eq("jobman.status", sql.DONE)
for job in done.all_ordered_by("results.f"):
    state = expand(job)
    print(f"{job.id}: {state.results.f:.3g} after {state.steps} steps of {state.learning_rate}")

for job in db.query(session).filter_eq("jobman.status", sql.ERR_RUN):
    print(f"{job.id}: {job['jobman.error'].splitlines()[-1]}")

waiting = db.query(session).filter_eq("jobman.status", sql.START).count()
print(f"{done.count()} done, {waiting} waiting")
session.close()
