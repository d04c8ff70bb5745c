"""Workers on many machines: what starts them is an existing engine, the table stays the queue."""
