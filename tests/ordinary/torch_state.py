"""PyTorch as it is in a fresh process."""

import torch


def main(state, channel):
    x = torch.rand(3)  # without a seed: PyTorch has one of its own
    state.results = {
        "drawn": x.tolist(),
        "threads": torch.get_num_threads(),
        "between": torch.get_num_interop_threads(),
        "cuda": [torch.cuda.is_initialized(), torch.cuda._is_in_bad_fork()],
        "type": str(torch.get_default_dtype()),
    }
    torch.set_num_threads(2)
    torch.set_num_interop_threads(2)
    state.results.sum = float((torch.ones(300, 300) @ torch.ones(300, 300)).sum())


if __name__ == "__main__":
    import as_script

    as_script.run(main)
