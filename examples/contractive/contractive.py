"""What to keep of the two phases."""

import digits


def best_epoch(phases):
    """Return the classifier's scores where its validation NLL was lowest, and the first error."""
    pretraining, training = phases
    reconstruction = pretraining.model.monitor.channels["objective"]
    return {"reconstruction_error": reconstruction.val_record[-1], **digits.best_epoch(training)}
