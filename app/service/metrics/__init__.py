"""Measuring host and machines: what there is to measure, how, and who keeps the samples."""
