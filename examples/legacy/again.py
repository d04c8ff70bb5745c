"""Mend the jobs that failed, delete the poor ones, and let the best one go on for longer."""

from jobman import api0, sql

db = api0.open_db("sqlite:///descent.db?table=descent")
session = db.session()

for job in db.query(session).filter_eq("jobman.status", sql.ERR_RUN):
    job.update({"learning_rate": 0.02, "jobman.status": sql.START}, note="was 0.2")
    del job["jobman.error"]

best, *others = db.query(session).filter_missing("note").all_ordered_by("results.f")
for job in others:
    if job["results.f"] > 1:
        job.delete(session)
    else:
        job.update_simple({"note": "not bad"}, session)
session.commit()  # what a session was given is stored now

again = sql.duplicate_job(
    db, best.id, 2.0, [key for key in best if key.startswith("results.")], steps=1000
)
print(f"job {again.id} is job {best.id} with {again['steps']} steps")
print("jobs:", [(job.id, job.get("note", "")) for job in db])
