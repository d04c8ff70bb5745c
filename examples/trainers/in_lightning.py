"""The network of trainers.py as Lightning has it, and the digits in loaders."""

import lightning
import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset
from trainers import digits, network


class Network(lightning.LightningModule):
    def __init__(self, nhid, learning_rate):
        super().__init__()
        self.net = network(nhid)
        self.learning_rate = learning_rate

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, batch_idx):
        x, y = batch
        return cross_entropy(self(x), y)

    def validation_step(self, batch, batch_idx):
        x, y = batch
        output = self(x)
        self.log("valid_y_nll", cross_entropy(output, y))
        self.log("valid_y_misclass", (output.argmax(1) != y).float().mean())

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.learning_rate, momentum=0.9)


def loader(which_set):
    """Return a loader of one of the sets."""
    pixels, labels = map(torch.as_tensor, digits(which_set))
    data = TensorDataset(pixels.float(), labels)
    return DataLoader(data, batch_size=50, shuffle=which_set == "train")
