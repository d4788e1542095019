"""Host side of character devices: files, standard output, memory."""
