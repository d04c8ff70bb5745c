"""What to keep of a run on MNIST."""


def best_epoch(train_obj):
    """Return the epoch with the lowest validation NLL, and its scores."""
    channels = train_obj.model.monitor.channels
    nll = channels["valid_y_nll"].val_record
    best = min(range(len(nll)), key=nll.__getitem__)
    error = channels["valid_y_misclass"].val_record[best]
    return {"epoch": best, "valid_nll": nll[best], "valid_error": error}
