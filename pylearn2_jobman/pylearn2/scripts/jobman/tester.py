"""The extractor that the jobman documentation of pylearn2 names in its example."""

__all__ = ["result_extractor"]

from typing import Any


def result_extractor(train_obj: Any) -> dict[str, Any]:
    """Keep the lowest reconstruction error, its epoch, and the batches trained on by then."""
    objective = train_obj.model.monitor.channels["objective"]
    best_epoch = min(range(len(objective.val_record)), key=objective.val_record.__getitem__)
    return {
        "best_epoch": best_epoch,
        "train_rec_error": objective.val_record[best_epoch],
        "batch_num": objective.batch_record[best_epoch],
    }
