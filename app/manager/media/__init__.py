"""The media manager, and the dialogs with which media are made, copied and chosen."""
