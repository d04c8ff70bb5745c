"""What the learning half's modules share: random numbers, batches of indices, pickles."""
