"""Notifications: progress of long work, and what went wrong in the background."""
