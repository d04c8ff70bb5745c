"""PyTorch's loader with processes, a local class and a lambda."""

import torch


def main(state, channel):
    class Squares(torch.utils.data.Dataset):
        def __len__(self):
            return 8

        def __getitem__(self, index):
            return torch.tensor(index * index)

    torch.manual_seed(1)
    loader = torch.utils.data.DataLoader(
        Squares(),
        batch_size=4,
        num_workers=2,
        shuffle=True,
        collate_fn=lambda items: torch.stack(items),
    )
    state.results = {"batches": [batch.tolist() for _ in range(2) for batch in loader]}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
