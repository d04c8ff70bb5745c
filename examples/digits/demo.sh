#!/bin/sh
# The main job, end to end: schedule a grid, train it with two workers, rank the results.
# Run by `make demo`; needs `jobman` on the PATH. Works in ./demo, which it leaves for you to look at.
set -eu

here=$(dirname "$0")
mkdir -p demo
for file in digits.npz digits.py mlp.yaml mlp.conf schedule.py; do
    [ -e "demo/$file" ] || cp "$here/$file" demo/
done
cd demo
db='sqlite:///digits.db?table=digits'

run() {
    printf '\n$ jobman'
    for word; do
        case $word in
            *[!A-Za-z0-9_./=-]*) printf " '%s'" "$word" ;;
            *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    jobman "$@"
}

run sqlschedules --quiet "$db" pylearn2.scripts.jobman.experiment.train_experiment mlp.conf \
    'hyper_parameters.learning_rate={{0.5,0.2,0.1,0.05}}' 'hyper_parameters.nhid={{25,50,100}}'
run sql -n0 -j2 --import torch "$db" experiments
run sqlview --quiet "$db" digits_view
run best "$db" --by results.valid_nll -n 5

cat <<EOF

Next, with .venv/bin on your PATH and in the directory demo:
  jobman sqlstatus --all --print=results.test_error '$db'   # every job and one of its values
  jobman sqlschedules '$db' pylearn2.scripts.jobman.experiment.train_experiment mlp.conf 'hyper_parameters.momentum={{0,0.5,0.99}}'   # more experiments
  jobman sql -n0 -j2 --import torch '$db' experiments   # and train them; each job's files are in experiments/digits.db/digits/<id>
EOF
