"""Measurements against labelled pages, and the training that made the weights. Nothing here is installed."""
